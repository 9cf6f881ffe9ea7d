import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { floats, int, modelOf, node } from "../../../test/support/onnx-model.ts";
import { openFile, readSafetensors, writeSafetensors } from "../../checkpoints/index.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import { call, program, type SpawnOptions } from "../spawn.fixture.ts";

const [PIXELS, CLASSES] = [28 * 28, 10];

let cwd: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "pdiff-own-"));
  mkdirSync(join(cwd, "ckpts"));
  const body = normal(key(1), 4);
  for (let k = 0; k < 14; k++)
    await writeSafetensors(join(cwd, "ckpts", `step-${k}.safetensors`), [
      { name: "net.body", shape: [4], data: body },
      { name: "net.fc.weight", shape: [CLASSES, PIXELS], data: normal(foldIn(key(2), k), CLASSES * PIXELS) },
      { name: "net.fc.bias", shape: [CLASSES], data: normal(foldIn(key(3), k), CLASSES) },
    ]);
  const initializer = [
    floats("fc.weight", [CLASSES, PIXELS], [...normal(key(4), CLASSES * PIXELS)]),
    floats("fc.bias", [CLASSES], [...normal(key(5), CLASSES)]),
  ];
  writeFileSync(
    join(cwd, "model.onnx"),
    modelOf(
      [
        node("Flatten", ["x"], "h", [int("axis", 1)]),
        node("Gemm", ["h", "fc.weight", "fc.bias"], "y", [int("transB", 1)]),
      ],
      { initializer, shape: ["batch", 1, 28, 28] },
    ),
  );
  writeFileSync(
    join(cwd, "eval.mjs"),
    `import { readFileSync } from "node:fs";
     const bytes = readFileSync(process.argv[2]);
     console.log(JSON.stringify({ loss: bytes.reduce((a, b) => (a + b) % 1000, 0) / 1000, other: 1 }));`,
  );
});
afterAll(() => rmSync(cwd, { recursive: true }));

const pdiff = (words: readonly string[], options: Partial<SpawnOptions> = {}) =>
  call(program, words, { cwd, ...options });
const few = [
  ...["diffusion.training.steps=40", "diffusion.snapshots=1", "sample.count=4"],
  ...["audit.baselines=[average:2, noise:0.05]", "audit.draws=3"],
];

describe("pdiff with a user's own checkpoints", () => {
  it("compares them and prints the command that fits a generator", async () => {
    const { code, stdout, stderr } = await pdiff(["inspect", "ckpts"]);
    expect(code).toBe(0);
    for (const part of ["14, of one network", "net.fc.weight", "net.body", "directions"])
      expect(stdout).toContain(part);
    expect(stderr).toMatch(/next: \S+ fit ckpts --select 'net\.fc\.\*'/);
    const json = await pdiff(["inspect", "ckpts", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ parameters: 7854, suggestion: { select: expect.any(String) } });
    expect(json.stderr).toBe("");
  });

  it("takes a setting behind --select for a setting", async () => {
    const words = ["fit", "ckpts", "--select", "net.fc.*", "sample.count=7", "--dry-run", "--json"];
    const { code, stdout } = await pdiff(words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).recipe).toMatchObject({ sample: { count: 7 }, zoo: { select: ["net.fc.*"] } });
  });

  it("warns with --dry-run of what differs and is not generated", async () => {
    const { code, stderr } = await pdiff(["fit", "ckpts", "--select", "net.fc.bias", "--dry-run"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning {2}a tensor differs between the checkpoints and is not generated: net\.fc\.weight/);
  });

  it("prints the plan and its reasons with --dry-run", async () => {
    const { code, stdout, stderr } = await pdiff(["fit", "ckpts", "--select", "net.fc.*", "--dry-run"]);
    expect(code).toBe(0);
    for (const part of [
      "11 to learn from, 3 held out",
      "7 850 numbers in 2 tensors",
      "memory",
      "time",
      "chosen",
      "autoencoder.latent: 10",
    ])
      expect(stdout).toContain(part);
    expect(stderr).toMatch(/next: \S+ fit ckpts --select/);
    expect(existsSync(join(cwd, "runs"))).toBe(false);
  });

  it("fits, samples, evaluates by a command, audits, exports and imports", async () => {
    const fitted = await pdiff([
      "fit",
      "ckpts/*.safetensors",
      "--select",
      "net.fc.*",
      "--run",
      "run",
      "--json",
      ...few,
    ]);
    expect({ code: fitted.code, stderr: fitted.stderr }).toEqual({ code: 0, stderr: "" });
    const sampled = await pdiff([
      "sample",
      "run",
      "-n",
      "5",
      "--like",
      "ckpts/step-3.safetensors",
      "--to",
      "new",
      "--json",
    ]);
    expect(sampled.code).toBe(0);
    const { files } = JSON.parse(sampled.stdout) as { files: string[] };
    expect(files).toHaveLength(5);
    expect(readFileSync(join(cwd, files[4]!)).length).toBe(readFileSync(join(cwd, "ckpts/step-3.safetensors")).length);
    const command = `"${process.execPath}" eval.mjs {checkpoint}`;
    const evaluated = await pdiff(["evaluate", "run", "--evaluate", command, "--parallel", "2", "--metric", "loss"]);
    expect(evaluated.stderr).toContain("the metric is loss, lower is better: its name says that less is better");
    expect(evaluated.code).toBe(0);
    const best = ["sample", "run", "-n", "7", "--seed", "3", "--select-best", "2", "--to", "best", "--json"];
    const drawn = JSON.parse((await pdiff(best)).stdout);
    expect(drawn).toMatchObject({ metric: { name: "loss", higherIsBetter: false }, drawn: 7 });
    expect(drawn.networks.map(({ score }: { score: number }) => score)).toEqual(
      [...drawn.scores].sort((a: number, b: number) => a - b).slice(0, 2),
    );
    const scored = await call(process.execPath, ["eval.mjs", drawn.files[0]], { cwd });
    expect(JSON.parse(scored.stdout).loss).toBe(drawn.networks[0].score);
    const audited = await pdiff(["audit", "run"]);
    expect(audited.code).toBe(0);
    expect(audited.stdout).toMatch(/verdict/);
    const away = await pdiff(["export", "run", "--to", "away", "--archive", "--json"]);
    expect(away.code).toBe(0);
    expect(JSON.parse(away.stdout)).toMatchObject({ archive: "away/run.tar", generator: { parameters: [1, 7850] } });
    expect(readFileSync(join(cwd, "away/README.md"), "utf8")).toContain("loss (lower is better)");
    const imported = await pdiff(["import", "away/run.tar", "--run", "elsewhere"]);
    expect(imported.code).toBe(0);
    const again = await pdiff(["sample", "elsewhere", "--force", "--to", "again", "--json"]);
    expect(again.code).toBe(0);
    expect(
      readFileSync(join(cwd, "again/0003.safetensors")).equals(readFileSync(join(cwd, "away/0003.safetensors"))),
    ).toBe(true);
  });

  it("evaluates with an ONNX network when the checkpoints' names have a prefix", async () => {
    const words = ["fit", "ckpts", "--select", "fc.*", "--network", "model.onnx", "--data", "glyphs", "--run", "onnx"];
    const data = ["data.train=300", "data.test=100", "data.selection=50", "data.normalise=none"];
    const fitted = await pdiff([...words, ...data, ...few]);
    expect(fitted.code, fitted.stderr).toBe(0);
    expect(fitted.stderr).toMatch(/the network of 7850 parameters has a test accuracy of \d/);
    const sampled = await pdiff(["sample", "onnx", "--like", "ckpts/step-3.safetensors", "--to", "onnx-new", "--json"]);
    expect(sampled.code, sampled.stderr).toBe(0);
    const { tensors, close } = await openFile(join(cwd, "onnx-new/0001.safetensors"));
    await close();
    expect([...tensors.keys()]).toEqual(["net.body", "net.fc.weight", "net.fc.bias"]);
    const [whole, given] = await Promise.all(
      ["onnx-new/0001.safetensors", "ckpts/step-3.safetensors"].map((file) => readSafetensors(join(cwd, file))),
    );
    expect(whole!.tensors.get("net.body")).toEqual(given!.tensors.get("net.body"));
    expect(whole!.tensors.get("net.fc.bias")).not.toEqual(given!.tensors.get("net.fc.bias"));
    const evaluated = await pdiff(["evaluate", "onnx"]);
    expect(evaluated.stdout).toMatch(/samples +4 /);
  });

  it.each([
    [["fit", "ckpts", "--network", "model.onnx"], 2, /a network needs data to be evaluated on; give --data/],
    [["fit", "none/*.pth"], 1, /names no file/],
    [["fit", "ckpts", "--select", "haed.*"], 2, /haed/],
    [["fit", "ckpts", "--evaluate", "python eval.py"], 2, /\{checkpoint\}/],
    [["fit", "ckpts", "zoo.cuont=3"], 2, /zoo\.cuont.*count/],
    [["import", "model.onnx", "--run", "there"], 1, /model\.onnx/],
  ] as const)("prints one line when the command line is wrong: %j", async (words, exitCode, message) => {
    const { code, stdout, stderr } = await pdiff(words);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
    expect(stderr).toMatch(/^pdiff: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });
});
