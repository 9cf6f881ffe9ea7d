/**
 * The two versions' files: a copy of the working tree, and a commit without touching the
 * repository.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PREFIX = "pdiff-compare-";

/**
 * Makes a temporary folder, after removing those of processes that are gone. `keep` ones are never
 * removed.
 */
export function makeWorkFolder(keep: boolean): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^pdiff-compare-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  // Real, because programs resolve links and the paths appear in what they write.
  return realpathSync(mkdtempSync(join(tmpdir(), `${PREFIX}${keep ? "kept" : process.pid}-`)));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The full hash of a commit. Throws Error when there is none of that name. */
export function resolveCommit(repository: string, commit: string): string {
  try {
    const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{commit}`];
    return execFileSync("git", words, { cwd: repository, encoding: "utf8" }).trim();
  } catch {
    throw new Error(`${commit} is no commit of this repository`);
  }
}

/**
 * Writes the files of a commit to a folder, through an index of its own, so the repository stays as
 * it is.
 */
export function writeCommit(repository: string, commit: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const index = `${folder}.index`;
  const options = { cwd: repository, env: { ...process.env, GIT_INDEX_FILE: index } };
  execFileSync("git", ["read-tree", commit], options);
  execFileSync("git", ["checkout-index", "--all", `--prefix=${folder}/`], options);
  rmSync(index, { force: true });
}

/**
 * Copies the working tree to a folder, with files that are not yet committed, without those that
 * git ignores.
 */
export function copyWorkingTree(repository: string, folder: string): void {
  const options = { cwd: repository, encoding: "utf8", maxBuffer: 2 ** 28 } as const;
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], options);
  for (const file of new Set(files.split("\0").filter(Boolean))) {
    const from = join(repository, file);
    if (!lstatSync(from, { throwIfNoEntry: false })?.isFile()) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(from, join(folder, file));
  }
}

/**
 * Gives a tree its packages: the working tree's own if both lock files are the same, else by `npm
 * ci`.
 */
export function installPackages(repository: string, folder: string): "linked" | "installed" {
  const lock = (tree: string) => readFileSync(join(tree, "package-lock.json"));
  if (lock(repository).equals(lock(folder))) {
    symlinkSync(realpathSync(join(repository, "node_modules")), join(folder, "node_modules"), "junction");
    return "linked";
  }
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return "installed";
}
