import { beforeAll, describe, expect, it } from "vitest";

import { memorySaver } from "../../test/support/memory-saver.ts";
import { batchFiller, type DataSet, loadData, stepsPerEpoch } from "../data/index.ts";
import { Interrupted } from "../errors.ts";
import { evaluator } from "../evaluation/index.ts";
import { input, isStatistic, reduceMean, relu, type Tensor } from "../graph/index.ts";
import { flatten, type LayoutEntry, layoutOf, restrict, select, unflatten } from "../layout/index.ts";
import { network } from "../networks/index.ts";
import { batchNorm, conv, crossEntropy, linear, type Scope, trace } from "../nn/index.ts";
import { key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type Classifier, classifier } from "./classifier.ts";
import { type TrainOptions, trainClassifier } from "./train.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });
let data: DataSet;
let net: Classifier;
beforeAll(async () => {
  data = await loadData({ name: "glyphs", selection: 100, pad: 0, train: 400, test: 200, seed: 3 });
  net = classifier(network({ name: "mlp", hidden: [16] }), data);
});

const run = (more: Partial<TrainOptions> = {}): Promise<Float32Array> =>
  trainClassifier({
    classifier: net,
    data,
    batch: 64,
    steps: 11,
    lr: 3e-3,
    optimiser: { type: "adam", betas: [0.9, 0.999], weightDecay: 0 },
    schedule: { type: "cosine", floor: 0, warmup: 2 },
    device,
    key: key(1),
    ...more,
  });

async function accuracy(theta: Float32Array, of = net): Promise<number> {
  const predictor = await evaluator({
    logits: of.logits(50),
    batch: 50,
    chosen: of.layout,
    frozen: new Map(),
    openImages: batchFiller,
    device,
  });
  const predicted = await predictor.predict(data, data.test, [theta]);
  await predictor.release();
  return predicted.filter((label, i) => label === data.test.labels[i]).length / data.test.count;
}

/** What a training ends with that was stopped after some steps and continued from its snapshot. */
async function resumed(stop: number, more: Partial<TrainOptions> = {}): Promise<Float32Array> {
  const saver = memorySaver();
  const controller = new AbortController();
  const onStep = (done: number) => void (done === stop && controller.abort());
  const interrupted = run({ ...more, saver, signal: controller.signal, onStep, watched: (done) => done === stop });
  await expect(interrupted).rejects.toThrow(Interrupted);
  expect(saver.last()?.step).toBe(stop);
  return run({ ...more, saver });
}

describe("stepsPerEpoch", () => {
  it("is the number of whole batches, and at least one", () => {
    expect([stepsPerEpoch(300, 64), stepsPerEpoch(128, 64), stepsPerEpoch(10, 64)]).toEqual([4, 2, 1]);
  });
});

describe("trainClassifier", () => {
  it("reaches an accuracy far above chance", async () => {
    expect(await accuracy(await run({ steps: 120, batch: 32, lr: 1e-2 }))).toBeGreaterThan(0.5);
  });

  it("depends on its key alone", async () => {
    const [a, again, b] = [await run(), await run(), await run({ key: key(2) })];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  it("resumes from a snapshot to the same bytes, within an epoch and between two", async () => {
    const whole = await run();
    for (const stop of [1, 4, 5, 10]) expect(await resumed(stop)).toEqual(whole);
  });

  it("leaves frozen tensors unchanged and returns the others in the order of the layout", async () => {
    const base = await run();
    const chosen = restrict(net.layout, new Set(select(net.layout, "fc2.*").map((e) => e.name)));
    const all = unflatten(net.layout, base);
    const frozen = new Map([...all].filter(([name]) => name.startsWith("fc1")));
    const start = flatten(chosen, new Map([...all].filter(([name]) => name.startsWith("fc2"))));
    const seen: Float32Array[] = [];
    const onStep: TrainOptions["onStep"] = async (_, __, theta) => void seen.push(await theta());
    const tuned = await run({ frozen, start, steps: 2, onStep, watched: () => true });
    expect(tuned).toHaveLength(chosen.size);
    expect(seen[1]).toEqual(tuned);
    expect(seen[0]).not.toEqual(tuned);
    expect(await run({ frozen, start, steps: 2 })).toEqual(tuned);
  });

  it("accepts batches larger than the split", async () => {
    const seen: number[] = [];
    await run({ batch: 310, steps: 2, onStep: (_, loss) => void seen.push(loss) });
    expect(seen.every(Number.isFinite)).toBe(true);
  });
});

describe("trainClassifier with batch normalisation", () => {
  /**
   * Two convolutions, each normalised: parameters and running statistics take turns in its layout.
   */
  let normalised: Classifier;
  beforeAll(() => {
    const logits = (at: Scope, batch: number): Tensor => {
      const images = input("images", [batch, data.channels, data.height, data.width]);
      const x = conv(at.in("conv1"), images, { out: 8, kernel: 5, stride: 3 });
      const y = conv(at.in("conv2"), relu(batchNorm(at.in("bn1"), x)), { out: 12, kernel: 3, stride: 2 });
      const z = reduceMean(relu(batchNorm(at.in("bn2"), y)), { axes: [2, 3] });
      return linear(at.in("fc"), z, { out: data.classes });
    };
    const evaluated = (batch: number) => trace((at) => logits(at, batch), { training: false });
    const { parameters, buffers, stateNames } = evaluated(1);
    const specs = new Map<string, Pick<LayoutEntry, "name" | "shape" | "kind">>([
      ...parameters.map((p) => [p.name, p] as const),
      ...buffers.map(({ name, shape, kind }) => [name, { name, shape, kind }] as const),
    ]);
    normalised = {
      layout: layoutOf(stateNames.map((name) => specs.get(name)!)),
      logits: evaluated,
      loss: (batch, statistics = "batch") =>
        trace((at) => ({ loss: crossEntropy(logits(at, batch), input("labels", [batch], "int32")) }), {
          training: true,
          statistics,
        }),
    };
  });

  const train = (more: Partial<TrainOptions> = {}) => run({ classifier: normalised, ...more });
  const statistics = () => normalised.layout.entries.filter(({ kind }) => isStatistic(kind));

  /** A flat vector to begin from: fresh parameters and distinct statistics. */
  async function beginning(): Promise<Float32Array> {
    const flat = await train({ steps: 0 });
    for (const [i, { offset, size, name }] of statistics().entries())
      for (let k = 0; k < size; k++) flat[offset + k] = (name.endsWith("var") ? 1 : 0) + 0.01 * (size * i + k + 1);
    return flat;
  }

  /** Names of the tensors in which two flat vectors differ. */
  function moved(before: Float32Array, after: Float32Array): string[] {
    const [from, to] = [unflatten(normalised.layout, before), unflatten(normalised.layout, after)];
    return [...from].flatMap(([name, values]) => (values.every((x, i) => x === to.get(name)![i]) ? [] : [name]));
  }

  it("starts with the layers' statistics, in their places among the parameters", async () => {
    const { layout } = normalised;
    expect(layout.entries.map(({ name }) => name).slice(2, 7)).toEqual([
      "bn1.weight",
      "bn1.bias",
      "bn1.running_mean",
      "bn1.running_var",
      "conv2.weight",
    ]);
    const tensors = unflatten(layout, await train({ steps: 0 }));
    expect(tensors.get("bn1.running_mean")).toEqual(new Float32Array(8));
    expect(tensors.get("bn2.running_var")).toEqual(new Float32Array(12).fill(1));
    expect(tensors.get("conv2.weight")!.every((x) => x !== 0 && Math.abs(x) < 0.2)).toBe(true);
  });

  it("returns its start when there are no steps", async () => {
    const start = await beginning();
    expect(await train({ start, steps: 0 })).toEqual(start);
  });

  it("moves the statistics a tenth of the way to the batch's, whatever the learning rate", async () => {
    const start = await beginning();
    const one = await train({ start, steps: 1, lr: 0 });
    expect(moved(start, one)).toEqual(statistics().map(({ name }) => name));
    const other = start.slice();
    for (const { offset, size } of statistics()) other.fill(2, offset, offset + size);
    const two = await train({ start: other, steps: 1, lr: 0 });
    for (const { offset, size } of statistics())
      for (let i = offset; i < offset + size; i++)
        expect(two[i]! - one[i]!).toBeCloseTo(0.9 * (other[i]! - start[i]!), 5);
  });

  it("shows updated statistics at every step and returns the last", async () => {
    const seen: Float32Array[] = [];
    const onStep: TrainOptions["onStep"] = async (_, __, theta) => void seen.push(await theta());
    const end = await train({ steps: 3, onStep, watched: () => true });
    expect(seen).toHaveLength(3);
    expect(seen[2]).toEqual(end);
    for (const [before, after] of [seen.slice(0, 2), seen.slice(1)])
      expect(moved(before!, after!)).toEqual(normalised.layout.entries.map(({ name }) => name));
  });

  it("resumes from a snapshot to the same bytes", async () => {
    const start = await beginning();
    const whole = await train({ start });
    for (const stop of [1, 6]) expect(await resumed(stop, { classifier: normalised, start })).toEqual(whole);
  });

  it("reaches an accuracy far above chance with its running statistics", async () => {
    expect(await accuracy(await train({ steps: 120, lr: 2e-2 }), normalised)).toBeGreaterThan(0.4);
  });

  it("leaves the statistics unchanged when it normalises by them", async () => {
    const start = await beginning();
    const end = await train({ start, statistics: "running" });
    expect(moved(start, end)).toEqual(
      normalised.layout.entries.flatMap(({ name, kind }) => (isStatistic(kind) ? [] : [name])),
    );
  });

  it.each(["batch", "running"] as const)("leaves frozen tensors unchanged with %s statistics", async (statistics) => {
    const { layout } = normalised;
    const start = unflatten(layout, await beginning());
    const chosen = restrict(layout, new Set(select(layout, "last-norms:1").map(({ name }) => name)));
    const names = new Set(chosen.entries.map(({ name }) => name));
    const part = (wanted: boolean) => new Map([...start].filter(([name]) => names.has(name) === wanted));
    const frozen = part(false);
    const before = new Map([...frozen].map(([name, values]) => [name, values.slice()]));
    const options = { start: flatten(chosen, part(true)), frozen, statistics };
    const end = await train(options);
    expect(chosen.entries.map(({ name }) => name)).toEqual(["bn2.weight", "bn2.bias"]);
    expect(end).toHaveLength(24);
    expect(end.every((x, i) => x !== options.start[i])).toBe(true);
    expect(frozen).toEqual(before);
    expect(await resumed(5, { classifier: normalised, ...options })).toEqual(end);
  });

  it("throws when a step that is not watched is read", async () => {
    const onStep: TrainOptions["onStep"] = (_, __, theta) => void theta();
    await expect(run({ steps: 3, onStep })).rejects.toThrow("step 2 is not watched");
  });
});
