import { beforeAll, describe, expect, it } from "vitest";

import { memorySaver } from "../../test/support/memory-saver.ts";
import { type DataSet, loadData, preparedImages } from "../data/index.ts";
import { Interrupted } from "../errors.ts";
import { type NetworkOptions, network } from "../networks/index.ts";
import { foldIn, key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { classifier } from "./classifier.ts";
import { trainClassifier } from "./train.ts";
import { type BatchedTrainerOptions, type BatchedTraining, batchedTrainer, canTrainBatched } from "./train-batched.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });
let data: DataSet;
beforeAll(async () => {
  data = await loadData({ name: "glyphs", selection: 100, pad: 0, size: 14, train: 300, test: 100, seed: 3 });
});

const networks = {
  "an MLP": { name: "mlp", hidden: [16] },
  "an MLP of two hidden layers": { name: "mlp", hidden: [12, 8] },
} as const satisfies Record<string, NetworkOptions>;

const keys = [1, 2, 3, 4, 5].map((i) => foldIn(key(9), i));
const common = (options: NetworkOptions) => ({
  classifier: classifier(network(options), data),
  data,
  batch: 32,
  steps: 25,
  lr: 3e-3,
  device,
  optimiser: { type: "adam", betas: [0.9, 0.999], weightDecay: 0 } as const,
  schedule: { type: "cosine", floor: 0, warmup: 2 } as const,
});
async function run(
  networkOptions: NetworkOptions,
  { saver, starts, onStep, watched, keys: own = keys, ...more }: Partial<BatchedTrainerOptions & BatchedTraining> = {},
): Promise<Float32Array[]> {
  const batched = await batchedTrainer({
    ...common(networkOptions),
    count: own.length,
    images: preparedImages(data, data.train),
    ...more,
  });
  try {
    const options = { ...(saver && { saver }), ...(onStep && { onStep }), ...(watched && { watched }) };
    return await batched.train({ keys: own, starts, ...options });
  } finally {
    await batched.release();
  }
}

const norm = (values: Iterable<number>): number => Math.hypot(...values);
const relativeError = (a: Float32Array, b: Float32Array): number => norm(a.map((x, i) => x - b[i]!)) / norm(b);

describe.each(Object.entries(networks))("networks trained in a batch: %s", (_, options) => {
  it("equal networks trained alone, up to rounding", async () => {
    const all = await run(options);
    expect(all).toHaveLength(keys.length);
    for (const [i, k] of keys.entries()) {
      const alone = await trainClassifier({ ...common(options), key: k });
      expect(relativeError(all[i]!, alone)).toBeLessThan(1e-5);
      expect(relativeError(all[(i + 1) % keys.length]!, alone)).toBeGreaterThan(0.1);
    }
  });

  it("equal themselves byte for byte, whichever networks share the batch", async () => {
    const all = await run(options);
    const others = await run(options, { keys: [keys[3]!, foldIn(key(9), 8), keys[1]!] });
    expect(others[0]).toEqual(all[3]);
    expect(others[2]).toEqual(all[1]);
  });
});

describe("networks trained in a batch", () => {
  it("are trained by one batched trainer after another, which keeps nothing of the last", async () => {
    const images = preparedImages(data, data.train);
    const batched = await batchedTrainer({ ...common(networks["an MLP"]), count: 2, images });
    const [first] = [await batched.train({ keys: keys.slice(0, 2) }), await batched.train({ keys: keys.slice(2, 4) })];
    expect(await batched.train({ keys: keys.slice(0, 2) })).toEqual(first);
    await expect(batched.train({ keys })).rejects.toThrow("a batch of 2 networks got 5 keys");
    await batched.release();
  });

  it("resume to the same bytes", async () => {
    const saver = memorySaver();
    const controller = new AbortController();
    const onStep = (done: number) => void (done === 11 && controller.abort());
    const stopped = run(networks["an MLP"], { saver, signal: controller.signal, onStep });
    await expect(stopped).rejects.toThrow(Interrupted);
    // After the steps under way.
    expect(saver.last()?.step).toBe(17);
    expect(await run(networks["an MLP"], { saver })).toEqual(await run(networks["an MLP"]));
  });

  it("can share initial values and differ in their order of data", async () => {
    const [first, second] = await run(networks["an MLP"], { initialise: key(7), steps: 1 });
    const alone = await trainClassifier({
      ...common(networks["an MLP"]),
      key: keys[0]!,
      initialise: key(7),
      steps: 1,
    });
    expect(relativeError(first!, alone)).toBeLessThan(1e-5);
    expect(first).not.toEqual(second);
  });

  it("report the loss of each and the mean, which fall", async () => {
    const losses: number[] = [];
    const each: number[] = [];
    await run(networks["an MLP"], {
      onStep(done, loss, own) {
        losses.push(loss);
        if (done === 25) each.push(...own);
      },
    });
    const alone: number[] = [];
    const onStep = (_: number, loss: number) => void alone.push(loss);
    await trainClassifier({ ...common(networks["an MLP"]), key: keys[2]!, onStep });
    expect(each).toHaveLength(keys.length);
    expect(each[2]).toBeCloseTo(alone[24]!, 5);
    expect(losses[24]).toBeCloseTo(each.reduce((a, b) => a + b, 0) / each.length, 5);
    expect(losses[0]).toBeCloseTo(Math.log(10), 0);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  it("start from given values, and are seen as they are after the steps that are watched", async () => {
    const options = networks["an MLP of two hidden layers"];
    const starts = await run(options, { steps: 3 });
    const seen = new Map<number, Float32Array[]>();
    const after = await run(options, {
      starts,
      steps: 20,
      watched: (done) => done === 7 || done === 20,
      async onStep(done, _, __, thetas) {
        if (done === 7 || done === 20) seen.set(done, await thetas());
      },
    });
    expect(seen.get(20)).toEqual(after);
    const alone = new Map<number, Float32Array>();
    await trainClassifier({
      ...common(options),
      steps: 20,
      key: keys[1]!,
      start: starts[1]!,
      watched: (done) => done === 7,
      async onStep(done, _, theta) {
        if (done === 7) alone.set(done, await theta());
      },
    });
    expect(relativeError(seen.get(7)![1]!, alone.get(7)!)).toBeLessThan(1e-5);
    expect(relativeError(seen.get(7)![1]!, after[1]!)).toBeGreaterThan(1e-3);
  });

  it("may be one, of which a batched trainer makes what it becomes alone, byte for byte, whatever its layers", async () => {
    const cnn: NetworkOptions = { name: "cnn", channels: [4], kernel: 3, hidden: [], colour: false };
    for (const options of [cnn, networks["an MLP"]]) {
      const [own] = await run(options, { keys: keys.slice(1, 2) });
      expect(own).toEqual(await trainClassifier({ ...common(options), key: keys[1]! }));
    }
  });

  it("are such as draw no random numbers, keep no running statistics and have no convolutions", () => {
    const can = (options: NetworkOptions, augmentation: unknown = null) =>
      canTrainBatched(classifier(network(options), data), augmentation);
    for (const options of Object.values(networks)) expect(can(options)).toBe(true);
    const normalised: NetworkOptions = { name: "resnet18", stem: "cifar" };
    const convolutional: NetworkOptions = { name: "cnn", channels: [4], kernel: 3, hidden: [], colour: false };
    for (const options of [normalised, convolutional]) expect(can(options)).toBe(false);
    expect(can(networks["an MLP"], { flip: true })).toBe(false);
  });
});
