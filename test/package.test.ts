/** The package as others get it: the examples compile and run against the packed tarball. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { writeSafetensors } from "../src/checkpoints/index.ts";
import { key, normal } from "../src/random/index.ts";
import { linksOf } from "./support/links.ts";
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

/** What a clone needs to make the package, beside what `files` in package.json names. */
const sources = [".npmrc", "package.json", "LICENSE", "README.md", "src", "tsconfig.json", "tsdown.config.ts"];

const manifest: Manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

/**
 * Packs the package in a clone that was never built, and installs it in a project of its own beside
 * its dependencies, with links to its programs as npm makes them.
 */
function installPackage(): string {
  const clone = folders.make();
  for (const name of [...sources, ...manifest.files])
    if (!name.startsWith("!") && name !== "dist") cpSync(join(root, name), join(clone, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
  runTool("npm", ["run", "--silent", "pack"], clone);
  const tarball = join(clone, `neural-network-diffusion-${manifest.version}.tgz`);
  const project = folders.make();
  const modules = join(project, "node_modules");
  const installed = join(modules, "neural-network-diffusion");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  for (const name of readdirSync(join(root, "node_modules")))
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  mkdirSync(join(modules, ".bin"));
  for (const [name, file] of Object.entries(manifest.bin))
    symlinkSync(join(installed, file), join(modules, ".bin", name));
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

  /** Runs a link to the program as npx does: as a child of npm, which extends its PATH. */
  const byNpx = (name: string, ...words: readonly string[]) => {
    const bin = join(project, "node_modules", ".bin");
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, npm_config_user_agent: "npm" };
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(bin, name), ...words], {
      cwd: project,
      encoding: "utf8",
      env,
    });
    return { status, stdout, stderr };
  };

  it("runs under each of its names, of which one is its own, as npx wants", () => {
    expect(Object.keys(manifest.bin)).toEqual(["pdiff", "nnd", "neural-network-diffusion"]);
    for (const name of Object.keys(manifest.bin))
      expect(byNpx(name, "--version")).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  it("prints hints and help that work there, without the path of a recipe", () => {
    expect(byNpx("pdiff", "runs").stderr).toBe("\nnext: npx neural-network-diffusion run glyphs-cnn\n");
    expect(byNpx("nnd", "run", "--help").stdout).toContain("  npx neural-network-diffusion run glyphs-cnn\n");
    expect(byNpx("pdiff", "collect", "nowhere").stderr).toContain("npx neural-network-diffusion run RECIPE");
  });

  it("finds its recipes by name", () => {
    const { status, stdout } = byNpx("pdiff", "config", "glyphs-cnn");
    expect(status).toBe(0);
    expect(parse(stdout)).toMatchObject({ name: "glyphs-cnn" });
  });

  it("holds every file that its README links to", () => {
    const installed = join(project, "node_modules", "neural-network-diffusion");
    const links = linksOf(readFileSync(join(installed, "README.md"), "utf8"));
    expect(links).toContain("docs/method.md");
    expect(links.filter((link) => !existsSync(join(installed, link)))).toEqual([]);
  });

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
