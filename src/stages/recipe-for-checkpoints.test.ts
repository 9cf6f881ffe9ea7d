import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { floats, int, modelOf, node } from "../../test/support/onnx-model.ts";
import { onnxExternal, onnxPath } from "../../test/support/onnx-skeleton.ts";
import { fingerprint, temporaryFolders, tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { openFile, readSafetensors, rewriteFile, writeSafetensors } from "../checkpoints/index.ts";
import { parseOnnx } from "../graph/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import { autosize } from "../recipe/autosize.ts";
import { hasNetwork } from "../recipe/index.ts";
import { readAudit, readResults } from "../run/index.ts";
import { inspectSet } from "../zoo/index.ts";
import { heldOutRows } from "./collect/import-checkpoints.ts";
import { exportNetworks, exportRun } from "./export/export.ts";
import { runPipeline } from "./pipeline.ts";
import { recipeForCheckpoints } from "./recipe-for-checkpoints.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const names = ["body.weight", "body.bn.running_mean", "head.weight", "head.bias", "steps"] as const;
const shapes: Readonly<Record<string, readonly number[]>> = {
  "body.weight": [6, 4],
  "body.bn.running_mean": [6],
  "head.weight": [3, 6],
  "head.bias": [3],
  steps: [],
};

/** The head that a checkpoint should have: the nearer to it, the better a network is. */
const ideal = normal(key(7), 21);

/** Checkpoints that share a body, their heads about the ideal one. */
async function write(
  folder: string,
  count: number,
  change: (k: number) => Partial<typeof shapes> = () => ({}),
): Promise<void> {
  for (let k = 0; k < count; k++) {
    const head = ideal.map((v, i) => v + 0.1 * normal(foldIn(key(8), k), 21)[i]!);
    const values: Record<string, Float32Array | BigInt64Array> = {
      "body.weight": normal(key(1), 24),
      "body.bn.running_mean": normal(key(2), 6),
      "head.weight": head.subarray(0, 18),
      "head.bias": head.subarray(18),
      steps: BigInt64Array.of(BigInt(k)),
    };
    const own = { ...shapes, ...change(k) };
    await writeSafetensors(
      join(folder, `step-${k}.safetensors`),
      names.map((name) => ({
        name,
        shape: own[name]!,
        data: own[name] === shapes[name] ? values[name]! : new Float32Array(own[name]!.reduce((a, b) => a * b, 1)),
      })),
      { format: "pt" },
    );
  }
}

/** How far a checkpoint's head lies from the ideal one. */
async function lossOf(path: string): Promise<number> {
  const file = await openFile(path);
  const [weight, bias] = [new Float32Array(18), new Float32Array(3)];
  await file.readFloats("head.weight", 0, weight);
  await file.readFloats("head.bias", 0, bias);
  await file.close();
  return Math.hypot(...[...weight, ...bias].map((v, i) => v - ideal[i]!));
}

async function valuesOf(path: string, name: string, count: number): Promise<Float32Array> {
  const file = await openFile(path);
  const values = new Float32Array(count);
  await file.readFloats(name, 0, values);
  await file.close();
  return values;
}

let ckpts: string;
beforeAll(async () => {
  ckpts = join(folders.make(), "my ckpts");
  mkdirSync(ckpts);
  await write(ckpts, 24);
});

const small = [
  "zoo.count=16",
  "zoo.heldOut=8",
  "diffusion.training.steps=60",
  "diffusion.snapshots=2",
  "sample.count=6",
  "audit.draws=3",
  "measure.networks=6",
];
const recipeOf = async (overrides: readonly string[] = small) =>
  (await recipeForCheckpoints({ checkpoints: join(ckpts, "*.safetensors"), select: "head.*", overrides })).recipe;

describe("recipeForCheckpoints", () => {
  it("takes the files in the order of their numbers and holds some out", async () => {
    const { recipe, choices, plan } = await recipeForCheckpoints({ checkpoints: ckpts, select: "head.*" });
    expect(recipe).toMatchObject({
      name: "my-ckpts",
      zoo: { kind: "files", count: 19, heldOut: 5, select: "head.*" },
      autoencoder: { type: "linear", latent: 18 },
    });
    expect(plan).toMatchObject({ generated: { parameters: 21, tensors: 2 }, latent: 18 });
    for (const { reason } of choices) expect(reason.length).toBeGreaterThan(10);
  });

  it("lies under what the user says", async () => {
    const recipe = await recipeOf(["autoencoder.latent=3", "zoo.count=10", "zoo.heldOut=4", "seed=9"]);
    expect(recipe).toMatchObject({ autoencoder: { latent: 3 }, zoo: { count: 10, heldOut: 4 }, seed: 9 });
    const other = await recipeOf(["preset=small", "autoencoder.latent=8"]);
    expect(other).toMatchObject({ preset: "small", autoencoder: { type: "conv" } });
  });

  it("refuses checkpoints of several networks, saying which differ and how", async () => {
    const mixed = folders.make();
    await write(mixed, 8, (k) => (k === 3 ? { "head.weight": [4, 6] } : {}));
    await expect(recipeForCheckpoints({ checkpoints: mixed })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(
        /1 of 8 checkpoints are not of the same network as .*step-0\.safetensors: .*step-3\.safetensors \(head\.weight is \[4,6\], there \[3,6\]\)/,
      ),
    });
  });

  it.each([
    ["no file", "nothing/*.pth", "names no file"],
    ["a selection of nothing", undefined, "matches no tensor"],
  ])("refuses %s", async (_, checkpoints, message) => {
    const options = { checkpoints: checkpoints ?? ckpts, select: "haed.*" };
    await expect(recipeForCheckpoints(options)).rejects.toThrow(message);
  });

  it("generates neither counters nor what is the same in all checkpoints", async () => {
    const { plan, notes } = await recipeForCheckpoints({ checkpoints: ckpts });
    expect(plan.generated).toEqual({ parameters: 21, tensors: 2 });
    expect(notes).toEqual(["the same in all checkpoints, and left as they are: body.weight, body.bn.running_mean"]);
  });
});

describe("a run of a user's own checkpoints", () => {
  let run: string;
  beforeAll(async () => {
    run = folders.make();
    await runPipeline({ recipe: await recipeOf(), folder: run, measure: lossOf, saveEveryMs: 0 });
  });

  it("writes whole checkpoints that differ from the given ones in nothing but what was generated", async () => {
    const to = folders.make();
    const files = await exportNetworks({ run, to, like: join(ckpts, "step-5.safetensors") });
    expect(files).toHaveLength(6);
    const like = readFileSync(join(ckpts, "step-5.safetensors"));
    for (const file of files) {
      const bytes = readFileSync(file);
      expect(bytes.length).toBe(like.length);
      const header = 8 + Number(like.readBigUInt64LE());
      expect(bytes.subarray(0, header)).toEqual(like.subarray(0, header));
      expect(await lossOf(file)).toBeLessThan(2);
    }
  });

  it("audits what it drew by what a function says of it", async () => {
    const audit = (await readAudit(run))!;
    expect(audit.metric).toMatchObject({ name: "value", higherIsBetter: true });
    const byName = Object.fromEntries(audit.groups.map((group) => [group.name, group]));
    expect(byName.originals?.score?.mean.value).toBeCloseTo(0.1 * Math.sqrt(21), 0);
    // Averages lie nearer to the ideal, and shuffled heads nowhere near.
    expect(byName["average:4"]!.score!.mean.value).toBeLessThan(byName.originals!.score!.mean.value);
    expect(byName.shuffled!.score!.mean.value).toBeGreaterThan(2);
    expect(audit.remarks.join(" ")).toContain("Half of the held-out networks chose the denoiser");
  });

  it("says when a number seems to be the better the worse", async () => {
    // A distance was taken for something of which more is better: shuffled networks come out best.
    const audit = (await readAudit(run))!;
    expect(audit.remarks.join(" ")).toContain("or --better is the wrong way round");
  });

  it("ends with the same bytes when it is done again", async () => {
    const again = folders.make();
    await runPipeline({ recipe: await recipeOf(), folder: again, stages: ["collect", "fit", "sample"] });
    const parts = (folder: string) =>
      Object.entries(fingerprint(folder)).filter(([file]) => /^(zoo|held-out|generator|samples)\//.test(file));
    expect(parts(again)).toEqual(parts(run));
  });

  it("accepts another number of samples before and after it has sampled", async () => {
    const recipe = await recipeOf();
    const folder = folders.make();
    await runPipeline({ recipe, folder, stages: ["collect", "fit"] });
    const more = { ...recipe, sample: { ...recipe.sample, count: 9 } };
    await runPipeline({ recipe: more, folder, stages: ["sample"] });
    const drawn = () => readdirSync(join(folder, "samples")).filter((name) => name.endsWith(".safetensors"));
    expect(drawn()).toHaveLength(9);
    await runPipeline({ recipe, folder, stages: ["sample"] });
    expect(drawn()).toHaveLength(6);
  });

  it("goes on without the files once they are copied", async () => {
    const copy = folders.make();
    for (const file of readdirSync(ckpts)) copyFileSync(join(ckpts, file), join(copy, file));
    const { recipe } = await recipeForCheckpoints({ checkpoints: copy, select: "head.*", overrides: small });
    const folder = folders.make();
    await runPipeline({ recipe, folder, stages: ["collect"] });
    for (const file of readdirSync(copy)) writeFileSync(join(copy, file), "gone");
    await runPipeline({ recipe, folder, stages: ["fit", "sample"] });
    const { networks, generator, card } = await exportRun({ run: folder, to: join(folder, "away") });
    expect(networks).toHaveLength(6);
    expect(generator?.parameters).toEqual([1, 21]);
    expect(readFileSync(card!, "utf8")).toContain("These networks were not audited");
  });

  it("is audited by parameters alone where nothing measures", async () => {
    const folder = folders.make();
    const notes: string[] = [];
    await runPipeline({
      recipe: await recipeOf(),
      folder,
      emit: (event) => event.type === "note" && notes.push(event.text),
    });
    expect(notes.join("\n")).toContain("no metric scores the networks");
    const audit = (await readAudit(folder))!;
    expect(audit.metric).toBeNull();
    expect(["undecided", "replica", "average-like"]).toContain(audit.verdict.name);
  });

  it("takes samples of which none works for a finding", async () => {
    const folder = folders.make();
    const recipe = await recipeOf([...small, "audit.baselines=[average:4]"]);
    // Heads of given checkpoints are worth something, and nothing else is.
    const given = new Set<string>();
    for (const name of readdirSync(ckpts)) given.add(String(await lossOf(join(ckpts, name))));
    const measure = async (path: string) => {
      const loss = await lossOf(path);
      if (given.has(String(loss))) return 1 / loss;
      throw new Error("a crash");
    };
    await runPipeline({ recipe, folder, measure });
    const audit = (await readAudit(folder))!;
    expect(audit.verdict.name).toBe("broken");
    expect(audit.failures.filter(({ group }) => group === "samples")).toHaveLength(6);
    expect(audit.failures.filter(({ group }) => group === "average:4")).toHaveLength(3);
    expect(audit.failures.filter(({ group }) => group === "shuffled")).toHaveLength(3);
  });

  it("records what a command fails on, and goes on", async () => {
    const folder = folders.make();
    const script = join(folders.make(), "eval.mjs");
    writeFileSync(
      script,
      `const { readFileSync } = await import("node:fs");
       const bytes = readFileSync(process.argv[2]);
       const odd = bytes.reduce((a, b) => a + b, 0) % 3 === 0;
       if (odd) { console.error("cannot load"); process.exit(1); }
       console.log(JSON.stringify({ accuracy: (bytes.reduce((a, b) => a + b, 0) % 100) / 100 }));`,
    );
    const command = `"${process.execPath}" "${script}" {checkpoint}`;
    const { recipe } = await recipeForCheckpoints({
      checkpoints: ckpts,
      select: "head.*",
      command,
      overrides: [...small, "audit.baselines=[]", "measure.retries=0", "measure.parallel=2"],
    });
    await runPipeline({ recipe, folder, allowCommand: true });
    const audit = (await readAudit(folder))!;
    expect(audit.metric?.name).toBe("accuracy");
    expect(audit.failures.length).toBeGreaterThan(0);
    expect(audit.failures[0]!.problem).toContain("it ended with exit code 1 (cannot load)");
    expect(readdirSync(join(folder, "evaluation"))).not.toContain("measuring");
  });
});

describe("ONNX models with their numbers beside them", () => {
  it("come out in a folder each, so that none takes another's numbers", async () => {
    const models = folders.make();
    const source = onnxPath(onnxExternal);
    const { tensors, close } = await openFile(source);
    await close();
    const [name, { count }] = [...tensors].find(([tensor]) => tensor.endsWith("bias"))!;
    for (let k = 0; k < 8; k++)
      await rewriteFile(source, join(models, `${k}`, "net.onnx"), new Map([[name, normal(foldIn(key(3), k), count)]]));
    const { recipe } = await recipeForCheckpoints({
      checkpoints: join(models, "*/net.onnx"),
      select: name,
      overrides: ["diffusion.training.steps=20", "zoo.count=6", "zoo.heldOut=2", "sample.count=3"],
    });
    const folder = folders.make();
    await runPipeline({ recipe, folder, measure: async (path) => (await valuesOf(path, name, count))[0]! });
    expect((await readAudit(folder))!.failures).toEqual([]);
    const files = await exportNetworks({ run: folder, to: join(folder, "away") });
    expect(files.map((file) => relative(join(folder, "away"), file))).toEqual(
      ["1", "2", "3"].map((network) => join(`000${network}`, "net.onnx")),
    );
    const firsts = await Promise.all(files.map(async (file) => (await valuesOf(file, name, count))[0]));
    expect(new Set(firsts).size).toBe(3);
  });
});

describe("a single network that another framework exported", () => {
  it("is fine-tuned into a zoo, whose samples are models of the same form", async () => {
    const file = join(folders.make(), "net.onnx");
    const initializer = [
      floats(
        "fc1.weight",
        [12, 784],
        [...normal(key(4), 12 * 784)].map((v) => v / 28),
      ),
      floats("fc1.bias", [12], [...normal(key(5), 12)]),
      floats("fc2.weight", [10, 12], [...normal(key(6), 120)]),
      floats("fc2.bias", [10], [...normal(key(7), 10)]),
    ];
    const layers = [
      node("Flatten", ["x"], "flat", [int("axis", 1)]),
      node("Gemm", ["flat", "fc1.weight", "fc1.bias"], "h", [int("transB", 1)]),
      node("Relu", ["h"], "r"),
      node("Gemm", ["r", "fc2.weight", "fc2.bias"], "y", [int("transB", 1)]),
    ];
    writeFileSync(file, modelOf(layers, { initializer, shape: ["batch", 1, 28, 28] }));
    const recipe = tinyRecipe({
      ...tinyLinear,
      network: { name: "onnx", file },
      base: { weights: file, epochs: 30, batch: 50, lr: 1e-2, optimiser: "adam", schedule: "constant" },
      zoo: { count: 8, batch: 50, lr: 1e-2, select: "fc2.*", every: { steps: 4 } },
    });
    const folder = folders.make();
    await runPipeline({ recipe, folder, stages: ["collect", "fit", "sample", "evaluate"] });
    const { accuracy } = JSON.parse(readFileSync(join(folder, "base", "index.json"), "utf8"));
    expect(accuracy.test).toBeGreaterThan(0.3);
    expect((await readResults(folder))!.classification!.originals.test.mean).toBeGreaterThan(0.3);
    // The run has a copy of its own, and goes on without the file.
    writeFileSync(file, "gone");
    const [first] = await exportNetworks({ run: folder, to: join(folder, "away") });
    expect(first).toMatch(/0001\.onnx$/);
    const { initialisers } = parseOnnx(readFileSync(first!));
    expect([...initialisers.keys()]).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    const drawn = await readSafetensors(join(folder, "samples", "0001.safetensors"));
    expect(initialisers.get("fc2.bias")!.data).toEqual(drawn.tensors.get("fc2.bias"));
    const base = await readSafetensors(join(folder, "base", "network.safetensors"));
    expect(initialisers.get("fc1.weight")!.data).toEqual(base.tensors.get("fc1.weight"));
  });
});

describe("checkpoints compared", () => {
  it("tell what varies, in how many directions, and what to generate", async () => {
    const summary = await inspectSet(ckpts);
    expect(summary.files).toHaveLength(24);
    const spread = Object.fromEntries(summary.tensors.map(({ name, relative }) => [name, relative]));
    expect(spread["body.weight"]).toBe(0);
    expect(spread["head.weight"]).toBeCloseTo(0.1, 1);
    expect(summary.dimensions.effective).toBeGreaterThan(8);
    expect(summary.dimensions.for99).toBeLessThanOrEqual(21);
    expect(summary.duplicates).toEqual([]);
    expect(summary.trajectory).toBe(false);
    expect(summary.suggestion).toMatchObject({ select: "head.*", parameters: 21 });
  });

  it("tell which are the same, and which hold what is no number", async () => {
    const folder = folders.make();
    await write(folder, 5);
    copyFileSync(join(folder, "step-1.safetensors"), join(folder, "step-9.safetensors"));
    const bytes = readFileSync(join(folder, "step-2.safetensors"));
    bytes.writeFloatLE(Number.NaN, bytes.length - 8 - 4);
    writeFileSync(join(folder, "step-2.safetensors"), bytes);
    const { duplicates, notFinite, notes } = await inspectSet(folder);
    expect(duplicates).toEqual([
      { files: [join(folder, "step-1.safetensors"), join(folder, "step-9.safetensors")], distance: 0 },
    ]);
    expect(notFinite).toEqual([{ file: join(folder, "step-2.safetensors"), tensors: ["head.bias"] }]);
    expect(notes.join(" ")).toContain("6 checkpoints are few");
    await expect(
      recipeForCheckpoints({ checkpoints: folder, overrides: [...small, "zoo.count=3", "zoo.heldOut=2"] }).then(
        ({ recipe }) => {
          expect(!hasNetwork(recipe)).toBe(true);
          return runPipeline({ recipe, folder: folders.make(), stages: ["collect"] });
        },
      ),
    ).rejects.toThrow("holds numbers that are not finite in head.bias; leave this file out");
  });
});

describe("what is held out", () => {
  it("is any of the files, or a stretch in the middle of a training", () => {
    const any = heldOutRows({ files: 20, heldOut: 5, trajectory: false, key: key(1) });
    expect(any.size).toBe(5);
    expect([...any].every((i) => i >= 0 && i < 20)).toBe(true);
    expect([...heldOutRows({ files: 20, heldOut: 5, trajectory: true, key: key(1) })]).toEqual([7, 8, 9, 10, 11]);
  });
});

describe("sizes of a generator", () => {
  it.each([
    [
      { parameters: 300, count: 20, heldOut: 3, tensors: 2 },
      { latent: 19, choose: "last", batch: 16 },
    ],
    [
      { parameters: 12_000_000, count: 50, heldOut: 12, tensors: 60 },
      { latent: 49, choose: "held-out", batch: 32 },
    ],
    [
      { parameters: 5_000_000, count: 2000, heldOut: 50, tensors: 60 },
      { latent: 256, choose: "held-out", batch: 128 },
    ],
  ])("follow from %o", (facts, expected) => {
    const { recipe } = autosize(facts);
    const { autoencoder, diffusion, normalisation } = recipe as {
      autoencoder: { latent: number };
      normalisation: string;
      diffusion: { choose: string; training: { batch: number } };
    };
    expect({ latent: autoencoder.latent, choose: diffusion.choose, batch: diffusion.training.batch }).toEqual(expected);
    expect(normalisation).toBe(autoencoder.latent === facts.count - 1 ? "none" : "tensor");
  });
});
