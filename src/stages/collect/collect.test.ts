import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { readSafetensors, writeSafetensors } from "../../checkpoints/index.ts";
import { batchFiller } from "../../data/index.ts";
import { evaluator } from "../../evaluation/index.ts";
import type { Layout } from "../../layout/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { loadTask } from "../context.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const zooOf = (folder: string) => readdirSync(join(folder, "zoo")).filter((name) => name.endsWith(".safetensors"));
const read = (folder: string, file: string) => readSafetensors(join(folder, file));
const json = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));

async function collected(recipe: Recipe): Promise<string> {
  const folder = folders.make();
  await run(folder, { recipe, stages: ["collect"] });
  return folder;
}

describe("a trajectory", () => {
  it.each([
    ["step", { count: 8, batch: 50, every: "step" }, (i: number) => i],
    ["epoch, of the data left for training", { count: 3, batch: 100, every: "epoch" }, (i: number) => 3 * i],
    ["fifth step, after four that are skipped", { count: 3, every: { steps: 5 }, skip: 4 }, (i: number) => 4 + 5 * i],
  ])("saves one checkpoint every %s", async (_, zoo, stepOf) => {
    const folder = await collected(tinyRecipe({ zoo }));
    expect(zooOf(folder)).toHaveLength(zoo.count);
    const { checkpoints, count } = json(folder, "zoo/index.json");
    expect(count).toBe(zoo.count);
    expect(checkpoints.map((c: { step: number }) => c.step)).toEqual(
      Array.from({ length: zoo.count }, (_, i) => stepOf(i + 1)),
    );
    for (const { loss } of checkpoints) expect(loss).toBeGreaterThan(0);
  });

  it.each([
    ["last-layers:1", { "fc2.weight": [10, 16], "fc2.bias": [10] }],
    ["fc1.*", { "fc1.weight": [16, 784], "fc1.bias": [16] }],
    ["*.bias,!fc1.bias", { "fc2.bias": [10] }],
  ])("of %s moves and saves just that, with PyTorch's names and shapes", async (select, shapes) => {
    const folder = await collected(tinyRecipe({ ...tinyLinear, zoo: { count: 4, batch: 50, lr: 1e-2, select } }));
    const [first, last] = [await read(folder, "zoo/0001.safetensors"), await read(folder, "zoo/0004.safetensors")];
    for (const file of [first, last]) expect(Object.fromEntries(file.shapes)).toEqual(shapes);
    for (const [name, values] of last.tensors) expect(values, name).not.toEqual(first.tensors.get(name));
    expect(json(folder, "zoo/index.json").tensors).toEqual(Object.keys(shapes));
  });
});

describe("the base network that is best on the selection split", () => {
  const base = { epochs: 6, batch: 50, lr: 0.2, optimiser: "adam", schedule: "constant", keep: "selection" };
  const recipe = tinyRecipe({ base });

  it("is kept, and is that of some epoch", async () => {
    const kept = json(await collected(recipe), "base/index.json");
    const accuracies = [];
    for (let epochs = 1; epochs <= base.epochs; epochs++) {
      const upTo = await collected(tinyRecipe({ base: { ...base, epochs, keep: "last" } }));
      accuracies.push(json(upTo, "base/index.json").accuracy.selection);
    }
    expect(accuracies.at(-1)).toBeLessThan(Math.max(...accuracies));
    expect(kept.accuracy.selection).toBe(Math.max(...accuracies));
  });

  it("is the same after an interruption, and leaves no other behind", async () => {
    const folder = folders.make();
    const controller = new AbortController();
    const emit = (event: { type: string; step?: number }) => {
      if (event.type === "progress" && event.step === 27) controller.abort();
    };
    const options = { recipe, stages: ["collect"], emit } as const;
    await expect(run(folder, { ...options, signal: controller.signal })).rejects.toThrow("stopped");
    await run(folder, options);
    expect(fingerprint(folder)).toEqual(fingerprint(await collected(recipe)));
    expect(readdirSync(join(folder, "base")).sort()).toEqual(["index.json", "network.safetensors"]);
  });
});

describe("separate trainings in canonical form", () => {
  const seeds = { kind: "seeds", count: 4, heldOut: 2 };
  const vectors = async (folder: string, part: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => (await read(folder, `${part}/000${i + 1}.safetensors`)).tensors),
    );
  const apart = (a: ReadonlyMap<string, ArrayLike<number>>, b: ReadonlyMap<string, ArrayLike<number>>) =>
    Math.hypot(...[...a].flatMap(([name, x]) => Array.from(x, (value, i) => value - b.get(name)![i]!)));

  it("compute what they did, and lie nearer to the first", async () => {
    const plain = await collected(tinyRecipe({ zoo: seeds }));
    const canonical = await collected(tinyRecipe({ zoo: { ...seeds, canonical: true } }));
    for (const [part, count] of [
      ["zoo", 4],
      ["held-out", 2],
    ] as const) {
      const [before, after] = [await vectors(plain, part, count), await vectors(canonical, part, count)];
      const [from, to] = [(await vectors(plain, "zoo", 1))[0]!, (await vectors(canonical, "zoo", 1))[0]!];
      for (let i = part === "zoo" ? 1 : 0; i < count; i++)
        expect(apart(after[i]!, to)).toBeLessThan(apart(before[i]!, from));
    }
    // The acceptance threshold is a share of images, which hardly any rounding moves.
    const [was, is] = [plain, canonical].map((folder) => json(folder, "held-out/index.json").selection as number[]);
    was!.forEach((accuracy, i) => {
      expect(is![i]).toBeCloseTo(accuracy, 1);
    });
  });

  it.each([
    [{ zoo: { count: 4, canonical: true } }, "networks of kind trajectory have their units in one order already"],
    [{ zoo: { ...seeds, canonical: true }, network: { name: "mlp", hidden: [] } }, "there is no hidden layer"],
    [
      { zoo: { ...seeds, canonical: true }, network: { name: "resnet-mini" } },
      "known only of mlp, cnn, convnet, convnet-mini",
    ],
  ])("are refused where units are not known: %j", async (parts, problem) => {
    await expect(collected(tinyRecipe(parts))).rejects.toThrow(problem);
  });
});

describe("separate trainings", () => {
  it("each have their own initial values and order of the data, and go on where they were stopped", async () => {
    const recipe = tinyRecipe({
      base: { epochs: 4, batch: 50, lr: 1e-2, optimiser: "adam", schedule: "cosine" },
      zoo: { kind: "seeds", count: 4 },
    });
    const folder = await collected(recipe);
    const networks = await Promise.all(zooOf(folder).map((name) => read(folder, `zoo/${name}`)));
    expect(networks).toHaveLength(4);
    // Their values have nothing in common: the weights of any two are all but uncorrelated.
    const weights = networks.map(({ tensors }) => tensors.get("fc2.weight")!);
    for (const [i, a] of weights.entries())
      for (const b of weights.slice(0, i)) {
        const product = a.reduce((sum, x, k) => sum + x * b[k]!, 0);
        expect(Math.abs(product)).toBeLessThan(0.6 * Math.hypot(...a) * Math.hypot(...b));
      }
    expect(json(folder, "zoo/index.json").checkpoints.map((c: { seed: number }) => c.seed)).toEqual([1, 2, 3, 4]);

    const seen: string[] = [];
    const other = folders.make();
    const controller = new AbortController();
    const emit = (event: { type: string; item?: { id: string }; step?: number }) => {
      if (event.item?.id === "train-zoo") seen.push(String(event.step));
      if (event.step === 28) controller.abort();
    };
    const options = { recipe, stages: ["collect"], emit } as const;
    await expect(run(other, { ...options, signal: controller.signal })).rejects.toThrow("stopped");
    // All four are trained at once: a step of each is four steps of progress. It stops after them.
    expect(zooOf(other)).toEqual(["state-1.safetensors"]);
    expect(seen).toHaveLength(17);
    await run(other, options);
    expect(seen).toEqual(Array.from({ length: 24 }, (_, i) => String(4 * (i + 1))));
    expect(fingerprint(other)).toEqual(fingerprint(folder));
  });
});

describe("the last layer, generated", () => {
  const recipe = tinyRecipe({ ...tinyLinear, zoo: { count: 8, batch: 50, lr: 1e-2, select: "last-layers:1" } });
  let folder: string;
  beforeAll(async () => {
    folder = folders.make();
    await run(folder, { recipe });
  });

  it("makes samples of exactly its tensors", async () => {
    const names = readdirSync(join(folder, "samples")).filter((name) => name.endsWith(".safetensors"));
    expect(names).toHaveLength(6);
    for (const name of names) {
      const { shapes } = await read(folder, `samples/${name}`);
      expect([...shapes]).toEqual([
        ["fc2.weight", [10, 16]],
        ["fc2.bias", [10]],
      ]);
    }
  });

  it("is evaluated as the whole networks that it makes with the rest of the base network", async () => {
    const { data, network } = await loadTask(recipe);
    const base = (await read(folder, "base/network.safetensors")).tensors;
    const whole = async (file: string) => {
      const own = (await read(folder, file)).tensors;
      return Float32Array.from(network.layout.entries.flatMap(({ name }) => [...(own.get(name) ?? base.get(name)!)]));
    };
    const files = [1, 2, 3].flatMap((i) => [`zoo/000${i}.safetensors`, `samples/000${i}.safetensors`]);
    const accuracies = await wholeAccuracies(recipe, network.layout, await Promise.all(files.map(whole)), {
      data,
      network,
    });
    const rows = readFileSync(join(folder, "evaluation/accuracies.csv"), "utf8").trim().split("\n");
    const losses = [1, 2, 3].flatMap((i) =>
      ["originals", "samples"].map((group) =>
        Number(rows.find((row) => row.startsWith(`${group},${i},`))!.split(",")[3]),
      ),
    );
    expect(accuracies).toEqual(losses);
  });
});

/** Test accuracies of whole networks. */
async function wholeAccuracies(
  { evaluate: { batch }, device }: Recipe,
  chosen: Layout,
  networks: readonly Float32Array[],
  { data, network }: Pick<Awaited<ReturnType<typeof loadTask>>, "data" | "network">,
): Promise<number[]> {
  const predictor = await evaluator({
    logits: network.logits(batch),
    batch,
    chosen,
    frozen: new Map(),
    openImages: batchFiller,
    device: nodeDevice(device),
  });
  const predicted = await predictor.predict(data, data.test, networks);
  await predictor.release();
  const { count, labels } = data.test;
  return networks.map((_, k) => labels.filter((label, i) => predicted[k * count + i] === label).length / count);
}

describe("pretrained weights", () => {
  const { base } = tinyRecipe();
  const zoo = { count: 2, batch: 50, lr: 1e-2 };
  let source: string;
  let weights: string;
  beforeAll(async () => {
    source = await collected(tinyRecipe({ ...tinyLinear, zoo }));
    weights = join(source, "base/network.safetensors");
  });
  const starting = (epochs: number) => tinyRecipe({ ...tinyLinear, zoo, base: { ...base, weights, epochs } });

  it("are the base network as they are where there are no epochs", async () => {
    const folder = await collected(starting(0));
    const [before, after] = [
      await read(source, "base/network.safetensors"),
      await read(folder, "base/network.safetensors"),
    ];
    expect(after.tensors).toEqual(before.tensors);
    const { sha256, accuracy } = json(source, "base/index.json");
    const index = { steps: 0, batchesTracked: 0, accuracy, weights: { file: weights, sha256 } };
    expect(json(folder, "base/index.json")).toMatchObject(index);
  });

  it("are trained on from where they are", async () => {
    // By itself a run of another seed would begin elsewhere.
    const folder = await collected({ ...starting(1), seed: 2 });
    const [before, after] = [
      await read(source, "base/network.safetensors"),
      await read(folder, "base/network.safetensors"),
    ];
    // One epoch turns no weights about: they still resemble those that it began with.
    const [a, b] = [before.tensors.get("fc1.weight")!, after.tensors.get("fc1.weight")!];
    expect(b).not.toEqual(a);
    const product = a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    expect(product).toBeGreaterThan(0.9 * Math.hypot(...a) * Math.hypot(...b));
    const { batchesTracked, steps } = json(folder, "base/index.json");
    expect({ batchesTracked, steps }).toEqual({ batchesTracked: 6, steps: 6 });
  });

  it("report what was not taken over", async () => {
    const folder = folders.make();
    const file = join(folders.make(), "eleven.safetensors");
    const { tensors, shapes } = await read(source, "base/network.safetensors");
    const head = { "fc2.weight": [11, 16], "fc2.bias": [11] };
    await writeSafetensors(file, [
      ...["fc1.weight", "fc1.bias"].map((name) => ({ name, shape: shapes.get(name)!, data: tensors.get(name)! })),
      ...Object.entries(head).map(([name, shape]) => ({
        name,
        shape,
        data: new Float32Array(shape[0]! * (shape[1] ?? 1)),
      })),
    ]);
    const notes: string[] = [];
    await run(folder, {
      recipe: tinyRecipe({ ...tinyLinear, zoo, base: { ...base, weights: file } }),
      stages: ["collect"],
      emit: (event) => event.type === "note" && notes.push(event.text),
    });
    expect(notes[0]).toBe(`${file}: the head fc2 is for 11 classes and was initialised for 10`);
  });
});

describe("a zoo that is taken over", () => {
  const recipe = tinyRecipe({ ...tinyLinear });
  let source: string;
  beforeAll(async () => {
    source = await collected(recipe);
  });
  const taking = (parts: object = {}, from = source) =>
    tinyRecipe({ ...tinyLinear, ...parts, zoo: { count: 12, references: 1, batch: 50, lr: 1e-2, reuse: from } });

  it("is the same, file by file, and another generator may learn from it", async () => {
    const folder = folders.make();
    await run(folder, { recipe: taking({ autoencoder: { type: "linear", latent: 3 } }), stages: ["collect", "fit"] });
    const [theirs, ours] = [fingerprint(source), fingerprint(folder)];
    for (const [file, sha256] of Object.entries(theirs)) expect(ours[file], file).toBe(sha256);
    expect(json(folder, "generator/index.json").autoencoder.latent).toBe(3);
  });

  it("must have been made with the same settings", async () => {
    const recipe = taking({ seed: 9, base: { ...taking().base, epochs: 1 } });
    await expect(run(folders.make(), { recipe })).rejects.toMatchObject({
      code: "E_CONFIG",
      message: expect.stringMatching(
        /^zoo\.reuse: the zoo of .* other settings \(seed: 1 there, 9 here, base\.epochs: 2 there, 1 here\)/,
      ),
    });
  });

  it("must be there, and sound", async () => {
    const none = folders.make();
    await expect(run(folders.make(), { recipe: taking({}, none) })).rejects.toMatchObject({
      code: "E_CONFIG",
      message: `zoo.reuse: ${none} is no run folder with a finished zoo; collect it first`,
    });
    const broken = folders.make();
    cpSync(source, broken, { recursive: true });
    writeFileSync(join(broken, "zoo", "0002.safetensors"), "");
    await expect(run(folders.make(), { recipe: taking({}, broken) })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/0002\.safetensors was changed.*pdiff collect .* --force/),
    });
  });
});
