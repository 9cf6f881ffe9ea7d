import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { call, program, type SpawnOptions } from "../spawn.fixture.ts";

const recipe = `
data: { name: glyphs, selection: 50, train: 300, test: 100 }
network: { name: mlp, hidden: [8] }
base: { epochs: 1, batch: 50, lr: 1e-3, optimiser: adam, schedule: constant }
zoo: { count: 8, batch: 50 }
preset: linear
autoencoder: { latent: 4 }
diffusion:
  denoiser: { type: mlp, width: 16, blocks: 1 }
  training: { steps: 1500, batch: 8 }
sample: { count: 3 }
audit: { baselines: [noise:0.05, average:2, gaussian], draws: 4, fineTuned: { count: 1, steps: 2 }, trajectories: 1 }
`;

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "pdiff-run-"));
  await writeFile(join(cwd, "tiny.yaml"), recipe);
});
afterAll(() => rm(cwd, { recursive: true }));

const pdiff = (words: readonly string[], options: Partial<SpawnOptions> = {}) =>
  call(program, words, { cwd, ...options });

describe("pdiff run, before it starts", () => {
  it("prints the plan and writes nothing with --dry-run", async () => {
    const { code, stdout } = await pdiff(["run", "tiny.yaml", "zoo.count=9", "--dry-run"]);
    expect(code).toBe(0);
    for (const part of ["tiny", "runs/tiny", "mlp", "9 checkpoints", "seed", "memory", "time"])
      expect(stdout).toContain(part);
    expect(existsSync(join(cwd, "runs"))).toBe(false);
  });

  it("names a folder that looks like an option so that no command takes it for one", async () => {
    const { code, stdout } = await pdiff(["run", "tiny.yaml", "--run=-dash", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^folder +\.\/-dash$/m);
  });

  it("prints the plan as JSON with --dry-run --json", async () => {
    const { code, stdout, stderr } = await pdiff(["run", "tiny.yaml", "--dry-run", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const parameters = expect.any(Number);
    expect(JSON.parse(stdout)).toMatchObject({
      network: { parameters },
      generated: { parameters },
      zoo: { count: 8 },
      memoryBytes: expect.any(Number),
      seconds: expect.any(Number),
    });
  });

  it("names with --dry-run all that would stop the run, and exits with the run's code", async () => {
    const words = ["run", "tiny.yaml", "data.name=mnist", "zoo.reuse=nowhere", "--run", "runs/other", "--dry-run"];
    const { code, stdout, stderr } = await pdiff(words, { env: { PDIFF_DATA: cwd } });
    expect({ code, plan: stdout.includes("\ntime ") }).toEqual({ code: 1, plan: true });
    expect(stderr).toMatch(/^warning {2}nowhere is no run folder/m);
    expect(stderr).toMatch(/^warning {2}mnist is not in/m);
    expect(stderr).not.toContain("next:");
  });

  it("exits with 2 when the recipe is wrong", async () => {
    const { code, stderr } = await pdiff(["run", "tiny.yaml", "zoo.cuont=9"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^pdiff: [^\n]*zoo\.cuont[^\n]*count[^\n]*\n$/);
  });

  it("exits with 3 when the data set is missing", async () => {
    const { code } = await pdiff(["run", "tiny.yaml", "data={name: mnist, selection: 50}", "--run", "other"], {
      env: { PDIFF_DATA: cwd },
    });
    expect(code).toBe(3);
  });
});

describe("a run", () => {
  let command = "";

  it("saves, prints the command to resume and exits with 130 when interrupted", async () => {
    const { code, stdout, stderr } = await pdiff(["run", "tiny.yaml", "--force"], {
      watch: (text, child) => {
        if (text.includes("fit       started") && !child.killed) child.kill("SIGINT");
      },
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    command = stderr.match(/^saved; continue with: (.*)$/m)![1]!;
    expect(command).toMatch(/pdiff run tiny\.yaml$/);
    expect(JSON.parse((await pdiff(["runs", "--json"])).stdout)).toMatchObject([
      { name: "tiny", state: "interrupted" },
    ]);
  });

  it("resumes with that command and prints results and what to do next", async () => {
    const { code, stdout, stderr } = await call("sh", ["-c", command], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /continuing runs\/tiny\ncollect {3}already done\nfit {7}started: stage 1 of 5, about .* left\n/,
    );
    for (const part of ["originals", "samples", "variance explained", "IoU", "runs/tiny/report.html"])
      expect(stdout).toContain(part);
    expect(stderr).toMatch(/^next: open runs\/tiny\/report\.html in a browser\ntry: {2}\S/m);
  });

  it.each(["tiny.yaml", "runs/tiny"])("prints the results of %s as one document with --json", async (named) => {
    const { code, stdout, stderr } = await pdiff(["run", named, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      folder: "runs/tiny",
      report: "runs/tiny/report.html",
      results: { classification: { samples: { count: 3 } } },
      warnings: [],
    });
  });

  it("is listed by pdiff runs with the accuracy of its samples and its verdict", async () => {
    const { stdout } = await pdiff(["runs"]);
    expect(stdout).toMatch(
      /^tiny +done +\w+ +\d{4}-\d\d-\d\d \d\d:\d\d +\d+\.\d\d +\d+\.\d\d +undecided +runs\/tiny$/m,
    );
  });

  it("repeats single stages and prints the next command", async () => {
    const { code, stdout, stderr } = await pdiff(["evaluate", "runs/tiny", "--force"]);
    expect(code).toBe(0);
    expect(stderr).toContain("evaluate  done");
    expect(stderr).not.toContain("report    ");
    expect(stderr).toMatch(/^next: \S+ audit runs\/tiny$/m);
    expect(stdout).not.toContain("report.html");
    expect(await pdiff(["audit", "runs/tiny", "--quiet"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^verdict +\S+: /m),
    });
    expect(await pdiff(["report", "runs/tiny", "--quiet"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("report.html"),
      stderr: "",
    });
  });

  it("is exported as whole networks, and prints the line that loads one in Python", async () => {
    const { code, stdout, stderr } = await pdiff(["export", "runs/tiny", "--to", "networks", "--count", "2"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^networks +2, each with every tensor of its state dict\nfolder +networks$/m);
    expect(stdout).toMatch(/^generator +networks\/generator\.onnx: noise \[\d+, 1, \d+\] to parameters \[1, \d+\]$/m);
    expect(stdout).toMatch(/^model card +networks\/README\.md$/m);
    expect(stderr).toContain('load_state_dict(safetensors.torch.load_file("networks/0001.safetensors"), strict=True)');
    const zoo = await pdiff(["export", "runs/tiny", "--to", "zoo", "--group", "zoo", "--count", "1", "--json"]);
    expect(zoo).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(zoo.stdout)).toEqual({
      folder: "zoo",
      files: ["zoo/0001.safetensors"],
      generator: null,
      card: null,
      archive: null,
    });
    for (const file of ["networks/0002.safetensors", "zoo/0001.safetensors"])
      expect(existsSync(join(cwd, file)), file).toBe(true);
  });

  it("gives up its zoo for another recipe only with --force", async () => {
    for (const more of [[], ["--dry-run"]]) {
      const { code, stderr } = await pdiff(["run", "tiny.yaml", "seed=5", "--quiet", ...more]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^pdiff: runs\/tiny was made by another recipe \(seed[^\n]*--run OTHER[^\n]*--force\n$/);
    }
  });

  it("has further networks drawn beside its samples, of which the best are kept", async () => {
    const words = ["sample", "runs/tiny", "-n", "5", "--select-best", "2"];
    const { code, stdout, stderr } = await pdiff([...words, "--to", "best"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^drawn +5 networks of seed 1, after the 3 samples of the run$/m);
    expect(stdout).toMatch(
      /^chosen by +accuracy on the selection split; the test split was not used \(higher is better\)$/m,
    );
    expect(stdout).toMatch(/^kept +the best 2: [\d.]+ % to [\d.]+ %$/m);
    expect(stdout).toMatch(/^all drawn +[\d.]+ % to [\d.]+ %, mean [\d.]+ %$/m);
    expect(stderr).toMatch(/^next: .*inspect best\/000\d\.safetensors$/m);
    const refused = await pdiff([...words, "--seed", "7", "--to", "best"]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^pdiff: best holds another draw \([^\n]+\n$/),
    });
    const json = await pdiff(["sample", "runs/tiny", "-n", "2", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      draw: { count: 2, selectBest: null },
      files: ["runs/tiny/draws/2-further/0001.safetensors", expect.anything()],
    });
    expect(await pdiff(["sample", "runs/tiny", "--seed", "7", "--force"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("does again what depends on a value that changed, and says so in the plan as well", async () => {
    const words = ["run", "tiny.yaml", "sample.count=4"];
    const lines =
      "changed     sample.count: 3 → 4\nkept        collect, fit\ndone again  sample, evaluate, audit, report\n";
    const planned = await pdiff([...words, "--dry-run"]);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining(`\n\n${lines}`) });
    const done = await pdiff(words);
    expect(done.code).toBe(0);
    expect(done.stderr).toContain(
      `continuing runs/tiny\n${lines}\ncollect   already done\nfit       already done\nsample    started`,
    );
    expect(JSON.parse((await pdiff(["run", "tiny.yaml", "sample.count=4", "--json"])).stdout)).toMatchObject({
      results: { classification: { samples: { count: 4 } } },
    });
  });
});
