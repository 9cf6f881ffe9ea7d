/** The package as others get it: the examples compile and run against the packed tarball. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { writeSafetensors } from "../src/checkpoints/index.ts";
import { key, normal } from "../src/random/index.ts";
import { temporaryFolders } from "./support/temporary-folders.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const folders = temporaryFolders();
afterAll(folders.remove);

/** Runs one of this repository's tools, or npm; throws with its output where it fails. */
function runTool(tool: string, words: readonly string[], cwd: string): string {
  const file = tool === "npm" ? "npm" : join(root, "node_modules", ".bin", tool);
  try {
    return execFileSync(file, words, { cwd, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${tool} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}

/**
 * Builds and packs the package, and installs it in a project of its own beside its dependencies.
 */
function installPackage(): string {
  const built = folders.make();
  for (const name of ["package.json", "README.md", "LICENSE", "recipes"])
    cpSync(join(root, name), join(built, name), { recursive: true });
  runTool("tsdown", ["--out-dir", join(built, "dist"), "--log-level", "warn"], root);
  const tarball = runTool("npm", ["pack", "--silent"], built).trim();
  const project = folders.make();
  const modules = join(project, "node_modules");
  const installed = join(modules, "neural-network-diffusion");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(built, tarball), "-C", installed, "--strip-components=1"]);
  for (const name of readdirSync(join(root, "node_modules")))
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  cpSync(join(root, "examples"), project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  return project;
}

/** A program of the project that uses the examples, and what it must print. */
const program = `
import { auditBesideMedian } from "./own-baseline.js";
import { drawWithOwnAutoencoder, shallow } from "./own-autoencoder.js";
import { norms } from "./read-checkpoints.js";

const [checkpoints, run] = process.argv.slice(2) as [string, string];
const overrides = [
  "autoencoder.training.steps=20",
  "diffusion.training.steps=20",
  "audit.baselines=[average:2]",
  "audit.draws=3",
];
const files = await drawWithOwnAutoencoder({ checkpoints, run, overrides });
const drawn = await auditBesideMedian(run, shallow);
const read = await norms(checkpoints, "all");
console.log(JSON.stringify({ files: files.length, median: drawn.includes("median"), read: read.size }));
`;

describe("the packed package", () => {
  let project: string;
  beforeAll(() => {
    project = installPackage();
    writeFileSync(join(project, "program.ts"), program);
    const options = {
      compilerOptions: {
        target: "es2023",
        module: "nodenext",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        types: ["node"],
        skipLibCheck: true,
        outDir: "out",
      },
      include: ["*.ts"],
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(options));
    runTool("tsc", [], project);
  }, 240_000);

  /** Runs the program with a limit on the memory that a process may reserve, in kilobytes. */
  const limited = (kilobytes: number, ...words: readonly string[]) => {
    const program = join(project, "node_modules", "neural-network-diffusion", "dist", "pdiff.js");
    const script = `ulimit -v ${kilobytes}; exec "$0" "$@"`;
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script, process.execPath, program, ...words], {
      cwd: project,
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };

  it.skipIf(process.platform !== "linux")(
    "prints help where a batch system limits memory, without loading what needs more",
    () => {
      expect(limited(1_000_000, "--help")).toMatchObject({ status: 0, stderr: "" });
    },
  );

  it("lets a program add an autoencoder and a baseline through its subpaths", async () => {
    const checkpoints = join(folders.make(), "ckpts");
    mkdirSync(checkpoints);
    for (let k = 0; k < 10; k++)
      await writeSafetensors(join(checkpoints, `${k}.safetensors`), [
        { name: "head", shape: [4, 6], data: normal(key(k), 24) },
      ]);
    const script = join(project, "out", "program.js");
    const words = [script, checkpoints, join(folders.make(), "run")];
    const printed = execFileSync(process.execPath, words, { cwd: project, encoding: "utf8" });
    expect(JSON.parse(printed.trim().split("\n").at(-1) ?? "")).toEqual({
      files: 5,
      median: true,
      read: 10,
    });
  }, 120_000);
});
