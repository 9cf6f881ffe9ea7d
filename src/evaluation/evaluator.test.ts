import { InferenceSession } from "onnxruntime-node";
import { describe, expect, it, vi } from "vitest";

import { fill, fillIntegers } from "../../test/support/fill.ts";
import { batchFiller, type DataSet, type Split, sliceSplit } from "../data/index.ts";
import { constant, input, rewrite } from "../graph/index.ts";
import { layoutOf, restrict, select, unflatten } from "../layout/index.ts";
import { network } from "../networks/index.ts";
import { trace } from "../nn/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { ENSEMBLE_SCORES, evaluator } from "./evaluator.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });
const BATCH = 8;
const CLASSES = 5;

const shape = { channels: 1, height: 12, width: 12 };

const split = (name: string, count: number): Split => ({
  count,
  pixels: { type: "memory", ...shape, bytes: Uint8Array.from(fillIntegers(name, count * 144, 256)) },
  labels: Uint8Array.from(fillIntegers(`${name} labels`, count, CLASSES)),
});

const data: DataSet = {
  name: "made up",
  ...shape,
  view: null,
  augmentation: null,
  classes: CLASSES,
  classNames: [..."abcde"],
  mean: [0.5],
  std: [0.3],
  train: split("train", 1),
  // Not a multiple of the batch: the last chunk is not full.
  selection: split("selection", 21),
  test: split("test", 16),
  sources: [],
  skipped: [],
};

const cnn = network({ name: "cnn", channels: [3, 4], kernel: 3, hidden: [6], colour: false });
const logits = (batch = BATCH) =>
  trace((at) => cnn(at, input("images", [batch, 1, 12, 12]), CLASSES), { training: false });
const layout = layoutOf(logits().parameters);
/** Whole networks. */
const networks = [1, 2, 3, 4].map((i) => fill(`network ${i}`, layout.size, -0.5, 0.5));

/** Predictions of whole networks, with nothing frozen and a batch that holds all images. */
async function expected(whole: readonly Float32Array[], of: Split): Promise<Uint16Array> {
  const options = {
    batch: of.count,
    logits: logits(of.count),
    chosen: layout,
    frozen: new Map(),
    openImages: batchFiller,
    device,
  };
  const predictor = await evaluator(options);
  const predicted = await predictor.predict(data, of, whole);
  await predictor.release();
  return predicted;
}

describe("an evaluator", () => {
  it("predicts the same in chunks, the last one not full, as at once", async () => {
    const predictor = await evaluator({
      batch: BATCH,
      logits: logits(),
      chosen: layout,
      frozen: new Map(),
      openImages: batchFiller,
      device,
    });
    for (const of of [data.selection, data.test]) {
      const predicted = await predictor.predict(data, of, networks);
      expect(predicted).toEqual(await expected(networks, of));
      expect(new Set(predicted).size).toBeGreaterThan(1);
    }
    await predictor.release();
  });

  it.each(["last-layers:1", "fc1.*", "conv2.weight", "conv1.bias", "conv1.*,fc2.*", "fc2.bias"])(
    "that shares what %s leaves alone predicts as the whole networks do",
    async (selection) => {
      const chosen = restrict(layout, new Set(select(layout, selection).map((e) => e.name)));
      const base = unflatten(layout, networks[0]!);
      const merged = networks.map((network) => {
        const own = unflatten(layout, network);
        const whole = layout.entries.map(
          ({ name }) => (chosen.entries.some((e) => e.name === name) ? own : base).get(name)!,
        );
        return Float32Array.from(whole.flatMap((tensor) => [...tensor]));
      });
      const parts = networks.map((network) => {
        const own = unflatten(layout, network);
        return Float32Array.from(chosen.entries.flatMap((e) => [...own.get(e.name)!]));
      });
      const predictor = await evaluator({
        batch: BATCH,
        logits: logits(),
        chosen,
        frozen: base,
        openImages: batchFiller,
        device,
      });
      expect(await predictor.predict(data, data.selection, parts)).toEqual(await expected(merged, data.selection));
      await predictor.release();
    },
  );

  it("makes a program of each network's own where images are many, which predicts the same", async () => {
    const wide = network({ name: "cnn", channels: [16, 32], kernel: 3, hidden: [6], colour: false });
    const traced = trace((at) => wide(at, input("images", [25, 1, 12, 12]), CLASSES), { training: false });
    const chosen = layoutOf(traced.parameters);
    const own = [1, 2].map((i) => fill(`wide ${i}`, chosen.size, -0.3, 0.3));
    const predictor = await evaluator({
      batch: 25,
      logits: traced,
      chosen,
      frozen: new Map(),
      openImages: batchFiller,
      device,
    });
    const created = vi.spyOn(InferenceSession, "create");
    const programs = () => created.mock.calls.splice(0).length;

    const many = split("many", 12_010);
    const [predicted, scores] = [
      await predictor.predict(data, many, own),
      await predictor.ensembles(data, many, own, [1, 2]),
    ];
    expect(programs()).toBe(4);
    for (const [first, count] of [
      [0, 30],
      [11_990, 20],
    ] as const) {
      const few = sliceSplit(many, first, count);
      const classes = await predictor.predict(data, few, own);
      const worth = await predictor.ensembles(data, few, own, [1, 2]);
      for (const k of [0, 1]) {
        const at = k * many.count + first;
        expect(predicted.subarray(at, at + count)).toEqual(classes.subarray(k * count, (k + 1) * count));
        const some = scores.subarray(at * ENSEMBLE_SCORES, (at + count) * ENSEMBLE_SCORES);
        for (const [i, value] of some.entries()) expect(value).toBeCloseTo(worth[k * count * ENSEMBLE_SCORES + i]!, 4);
      }
    }
    expect(programs()).toBe(2);
    created.mockRestore();
    await predictor.release();
  });

  it("tells how many images more are done, at every 25th checkpoint and at the last", async () => {
    const predictor = await evaluator({
      batch: BATCH,
      logits: logits(),
      chosen: layout,
      frozen: new Map(),
      openImages: batchFiller,
      device,
    });
    const seen: number[] = [];
    const many = Array.from({ length: 27 }, (_, i) => networks[i % networks.length]!);
    await predictor.predict(data, data.selection, many, (more) => void seen.push(more));
    expect(seen).toEqual([8 * 25, 8 * 2, 8 * 25, 8 * 2, 5 * 25, 5 * 2]);
    await predictor.release();
  });
});

/** Probabilities `[images, CLASSES]` of a whole network in float64, with all images at once. */
async function probabilities(whole: Float32Array, of: Split): Promise<number[][]> {
  const traced = logits(of.count);
  const own = unflatten(layout, whole);
  const values = new Map(traced.parameters.map((d) => [d.leaf, constant(own.get(d.name)!, d.shape)] as const));
  const program = await compile({ out: rewrite([traced.outputs], values)[0]! }, device);
  const images = new Float32Array(of.count * 144);
  const filler = batchFiller(data, of);
  filler.fill(
    Int32Array.from({ length: of.count }, (_, i) => i),
    images,
    new Int32Array(of.count),
  );
  filler.close();
  const outputs = new Float32Array(of.count * CLASSES);
  await program.run({ images }, { out: outputs });
  await program.release();
  return Array.from({ length: of.count }, (_, i) => {
    const row = Array.from(outputs.subarray(i * CLASSES, (i + 1) * CLASSES), (x) => Math.exp(x));
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((x) => x / sum);
  });
}

/** Right, confidence, negative log-likelihood and Brier score of an ensemble on every image. */
async function naiveScores(members: readonly Float32Array[], of: Split): Promise<number[]> {
  const each = await Promise.all(members.map((whole) => probabilities(whole, of)));
  return Array.from({ length: of.count }, (_, i) => {
    const mean = Array.from({ length: CLASSES }, (_, c) => each.reduce((sum, p) => sum + p[i]![c]!, 0) / each.length);
    const label = of.labels[i]!;
    const brier = mean.reduce((sum, p, c) => sum + (p - (c === label ? 1 : 0)) ** 2, 0);
    const top = Math.max(...mean);
    return [mean.indexOf(top) === label ? 1 : 0, top, -Math.log(mean[label]!), brier];
  }).flat();
}

describe("ensembles", () => {
  // Larger weights than predictions need: probabilities far from equal, on which networks disagree.
  const members = [1, 2, 3, 4, 5].map((i) => fill(`member ${i}`, layout.size, -0.8, 0.8));
  const predictorOf = (chosen = layout, frozen: ReadonlyMap<string, Float32Array> = new Map()) =>
    evaluator({ batch: BATCH, logits: logits(), chosen, frozen, openImages: batchFiller, device });

  it.each([
    ["the last chunk not full", data.selection],
    ["all chunks full", data.test],
  ])("are worth what their averaged probabilities are, %s", async (_, of) => {
    const predictor = await predictorOf();
    const sizes = [1, 2, 5];
    const scores = await predictor.ensembles(data, of, members, sizes);
    await predictor.release();
    const length = of.count * ENSEMBLE_SCORES;
    expect(scores).toHaveLength(sizes.length * length);
    const rows = await Promise.all(sizes.map((size) => naiveScores(members.slice(0, size), of)));
    for (const [s, row] of rows.entries())
      for (const [i, value] of row.entries()) expect(scores[s * length + i]).toBeCloseTo(value, 4);
    // They are not all worth the same, or the comparison says little.
    expect(rows[2]).not.toEqual(rows[0]);
  });

  it("of one are the network itself", async () => {
    const predictor = await predictorOf();
    const scores = await predictor.ensembles(data, data.selection, members, [1]);
    await predictor.release();
    const predicted = await expected(members.slice(0, 1), data.selection);
    const right = Array.from(data.selection.labels, (_, i) => scores[i * ENSEMBLE_SCORES]);
    expect(right).toEqual(Array.from(data.selection.labels, (label, i) => (predicted[i] === label ? 1 : 0)));
  });

  it("of a size are the same whichever others are asked for, and whatever networks follow", async () => {
    const predictor = await predictorOf();
    const length = data.selection.count * ENSEMBLE_SCORES;
    const all = await predictor.ensembles(data, data.selection, members, [1, 2, 3, 4, 5]);
    const some = await predictor.ensembles(data, data.selection, members, [2, 4]);
    const few = await predictor.ensembles(data, data.selection, members.slice(0, 2), [2]);
    await predictor.release();
    expect(some.subarray(0, length)).toEqual(all.subarray(length, 2 * length));
    expect(some.subarray(length)).toEqual(all.subarray(3 * length, 4 * length));
    expect(few).toEqual(some.subarray(0, length));
  });

  it("that share what is not chosen are worth what the whole networks are", async () => {
    const chosen = restrict(layout, new Set(select(layout, "last-layers:1").map((e) => e.name)));
    const parts = members.map((network) => {
      const own = unflatten(layout, network);
      return Float32Array.from(chosen.entries.flatMap((e) => [...own.get(e.name)!]));
    });
    const base = unflatten(layout, members[0]!);
    const whole = members.map((network) => {
      const own = unflatten(layout, network);
      const names = new Set(chosen.entries.map((e) => e.name));
      return Float32Array.from(layout.entries.flatMap(({ name }) => [...(names.has(name) ? own : base).get(name)!]));
    });
    const predictor = await predictorOf(chosen, base);
    const scores = await predictor.ensembles(data, data.selection, parts, [3]);
    await predictor.release();
    const naive = await naiveScores(whole.slice(0, 3), data.selection);
    for (const [i, value] of naive.entries()) expect(scores[i]).toBeCloseTo(value, 4);
  });

  it("and predictions do not disturb one another", async () => {
    const predictor = await predictorOf();
    const before = await predictor.ensembles(data, data.selection, members, [2, 5]);
    expect(await predictor.predict(data, data.selection, members)).toEqual(await expected(members, data.selection));
    expect(await predictor.ensembles(data, data.selection, members, [2, 5])).toEqual(before);
    await predictor.release();
  });
});
