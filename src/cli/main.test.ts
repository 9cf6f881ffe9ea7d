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

const stages = ["collect", "fit", "sample", "evaluate", "report"];
const verbs = ["run", ...stages, "runs", "networks", "export", "import", "inspect", "doctor"];

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
    [["inspect"], /missing required argument 'paths'; see \S+ inspect --help/],
    [["export", "a", "b", "--to", "c"], /too many arguments for 'export'/],
    [["run", "a.yaml", "--run"], /option '--run <folder>' argument missing/],
    [["networks", "--classes", "0"], /'--classes <n>' argument '0' is invalid\. Expected a whole number from 1\./],
    [["networks", "resnet18", "--size", "1e3"], /'--size <pixels>' argument '1e3' is invalid/],
    [["networks", "resent18"], /there is no network "resent18"\. Did you mean resnet18\?/],
    [["export", "runs/x"], /required option '--to <folder>' not specified; see \S+ export --help/],
    [["export", "runs/x", "--to", "y", "--group", "all"], /'--group <group>' argument 'all' is invalid.*samples, zoo/],
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
    [["export", "nowhere", "--to", "networks"], 1, /nowhere is no run folder .*pdiff run RECIPE --run nowhere/],
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

describe("the networks", () => {
  it("are listed with their sizes and other names, and lead to one of them", async () => {
    const { code, stdout, stderr } = await pdiff("networks");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^network +images +classes +parameters +last-norms:2 +also called$/m);
    expect(stdout).toMatch(/^resnet18 +3×224×224 +1 000 +11 689 512 +2 048$/m);
    expect(stdout).toMatch(/^vit_base_patch16_224 +3×224×224 +1 000 +86 567 656 +3 072 +vit_base, vit_b_16$/m);
    expect(stdout).toMatch(/^cnn-medium +1×32×32 +10 +10 853 +– +cnn$/m);
    expect(stderr).toMatch(/^next: \S+ networks resnet18$/m);
  });

  it("are told one by one, fitted to classes and images, with what selections choose", async () => {
    const words = [
      "resnet18",
      "stem=cifar",
      "--classes",
      "100",
      "--size",
      "32",
      "--select",
      "layer4.1.bn2.*",
      "conv1.*",
    ];
    const { code, stdout, stderr } = await pdiff("networks", ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^images +3×32×32, 100 classes$/m);
    expect(stdout).toMatch(/^parameters +11 220 132$/m);
    expect(stdout).toMatch(/^fc\.\* +51 300 +2 +fc\.weight fc\.bias$/m);
    expect(stdout).toMatch(/^layer4\.1\.bn2\.\* +1 024 +2 +layer4\.1\.bn2\.weight layer4\.1\.bn2\.bias$/m);
    expect(stdout).toMatch(/^conv1\.\* +1 728 +1 +conv1\.weight$/m);
    expect(stdout).toMatch(/^layer3\.\?\.bn\?\.\* +2 048 +8 +layer3\.0\.bn1\.weight .* … layer3\.1\.bn2\.bias$/m);
  });

  it("are told to programs as one document", async () => {
    const one = await pdiff("networks", "vit_b_16", "--json");
    expect(one).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(one.stdout)).toEqual({
      name: "vit_base_patch16_224",
      aliases: ["vit_base", "vit_b_16"],
      input: { channels: 3, height: 224, width: 224 },
      classes: 1000,
      parameters: 86_567_656,
      subsets: {
        "last-norms:2": {
          tensors: ["blocks.11.norm2.weight", "blocks.11.norm2.bias", "norm.weight", "norm.bias"],
          count: 3072,
        },
        all: { tensors: expect.any(Array), count: 86_567_656 },
      },
    });
    const all = await pdiff("networks", "--classes", "10", "--json");
    expect(all).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(all.stdout)[0]).toMatchObject({
      name: "resnet18",
      parameters: 11_689_512 - 990 * 513,
      subsets: { "last-norms:2": { count: 2048 }, "fc.*": { tensors: ["fc.weight", "fc.bias"], count: 5130 } },
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
