import { copyFile, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import metadata from "../../package.json" with { type: "json" };
import { writeSafetensors } from "../checkpoints/index.ts";
import { call, launcher } from "./spawn.fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

const pdiff = (...words: string[]) => call(launcher, words, { cwd: folder });

const verbs = ["run", "collect", "fit", "sample", "evaluate", "report", "runs", "inspect", "doctor"];

describe("pdiff without a task", () => {
  it("prints its version", async () => {
    expect(await pdiff("--version")).toEqual({ code: 0, stdout: `${metadata.version}\n`, stderr: "" });
  });

  it("prints its help with every command and examples, asked or not", async () => {
    const help = await pdiff("--help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const verb of verbs) expect(help.stdout).toMatch(new RegExp(`^  ${verb} `, "m"));
    expect(help.stdout).toContain("Examples:");
    expect(await pdiff()).toEqual(help);
  });

  it.each(verbs)("helps with %s by examples and the global options", async (verb) => {
    const { code, stdout } = await pdiff(verb, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\n.*pdiff ${verb}`));
    expect(stdout).toContain("--json");
  });
});

describe("a wrong command line", () => {
  it.each([
    [["rnu"], /unknown command 'rnu' \(Did you mean run\?\); see \S+ --help/],
    [["run", "a.yaml", "--dry-rum"], /unknown option '--dry-rum' \(Did you mean --dry-run\?\); see \S+ run --help/],
    [["inspect"], /missing required argument 'file'; see \S+ inspect --help/],
    [["inspect", "a", "b"], /too many arguments for 'inspect'/],
    [["run", "a.yaml", "--run"], /option '--run <folder>' argument missing/],
  ])("is one line and exit code 2: %j", async (words, message) => {
    const { code, stdout, stderr } = await pdiff(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^pdiff: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });

  it("is an object with --json", async () => {
    const { code, stdout, stderr } = await pdiff("rnu", "--json");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(JSON.parse(stderr)).toEqual({ error: { code: "E_USAGE", message: expect.stringContaining("rnu") } });
  });
});

describe("what is not there", () => {
  it.each([
    [["run", "none.yaml"], 2, /cannot read recipe none\.yaml/],
    [["inspect", "none.safetensors"], 1, /cannot read none\.safetensors/],
    [["sample", "nowhere"], 1, /nowhere is no run folder/],
  ])("is named in one line: %j", async (words, exitCode, message) => {
    const { code, stderr } = await pdiff(...words);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(/^pdiff: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });

  it("is an empty list of runs", async () => {
    expect(await pdiff("runs")).toMatchObject({ code: 0, stdout: "no runs in runs\n" });
    expect(await pdiff("runs", "--json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });
});

describe("inspecting a checkpoint", () => {
  beforeAll(() =>
    writeSafetensors(
      join(folder, "model.safetensors"),
      [
        { name: "fc.weight", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        { name: "fc.\u001b[31mbias", shape: [2], data: Float32Array.of(Number.NaN, 0.5) },
      ],
      { format: "pt" },
    ),
  );

  it("prints its tensors and metadata, found from where the user stands", async () => {
    const { code, stdout, stderr } = await pdiff("inspect", "model.safetensors");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("model.safetensors: safetensors, ");
    expect(stdout).toContain("8 values in 2 tensors");
    expect(stdout).toContain("format  pt");
    expect(stdout).toMatch(/^fc\.weight +F32 +2×3 +6 +1 +6 +3\.5 +1\.71 +0$/m);
    expect(stdout).toMatch(/^fc\.\\u\{1b\}\[31mbias +F32 +2 +2 +0\.5 +0\.5 +0\.5 +0 +1$/m);
  });

  it("prints the same as JSON", async () => {
    const { code, stdout, stderr } = await pdiff("inspect", "model.safetensors", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      path: "model.safetensors",
      parameters: 8,
      metadata: { format: "pt" },
      tensors: [{ name: "fc.weight", shape: [2, 3], mean: 3.5 }, { name: "fc.\u001b[31mbias" }],
    });
  });
});

describe("the launcher", () => {
  it("minds no tsconfig.json where the user stands, and works through a link", async () => {
    const other = await mkdtemp(join(folder, "other-"));
    await writeFile(join(other, "tsconfig.json"), "{ broken");
    await symlink(launcher, join(other, "pdiff"));
    expect(await call(join(other, "pdiff"), ["--version"], { cwd: other })).toMatchObject({ code: 0, stderr: "" });
  });

  it("asks for npm ci where its packages are missing", async () => {
    const clone = await mkdtemp(join(folder, "clone-"));
    await copyFile(launcher, join(clone, "pdiff"));
    await writeFile(join(clone, "package.json"), '{ "type": "module" }');
    const { code, stderr } = await call(join(clone, "pdiff"), ["--help"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pdiff: [^\n]*run npm ci first[^\n]*\n$/);
  });
});
