import { beforeAll, describe, expect, it } from "vitest";

import { flatten, restrict, select, unflatten } from "../checkpoints/index.ts";
import { type DataSet, loadData } from "../data/index.ts";
import { Interrupted } from "../errors.ts";
import { evaluator } from "../evaluation/index.ts";
import { key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import type { Saver, Snapshot } from "../training/index.ts";
import { type Classifier, classifier, stepsPerEpoch, type TrainOptions, trainClassifier } from "./index.ts";

const device: Device = { name: "cpu", threads: 1 };
let data: DataSet;
let net: Classifier;
beforeAll(async () => {
  data = await loadData({ name: "glyphs", selection: 100, pad: 0, train: 400, test: 200, seed: 3 });
  net = classifier({ name: "mlp", hidden: [16] }, data);
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

async function accuracy(theta: Float32Array): Promise<number> {
  const judge = await evaluator({ logits: net.logits(50), batch: 50, chosen: net.layout, frozen: new Map(), device });
  const predicted = await judge.predict(data, data.test, [theta]);
  await judge.release();
  return predicted.filter((label, i) => label === data.test.labels[i]).length / data.test.count;
}

describe("an epoch", () => {
  it("has as many steps as whole batches, and at least one", () => {
    expect([stepsPerEpoch(300, 64), stepsPerEpoch(128, 64), stepsPerEpoch(10, 64)]).toEqual([4, 2, 1]);
  });
});

describe("training a task network", () => {
  it("makes it right far more often than by chance", async () => {
    expect(await accuracy(await run({ steps: 120, batch: 32, lr: 1e-2 }))).toBeGreaterThan(0.5);
  });

  it("is a function of its key", async () => {
    const [a, again, b] = [await run(), await run(), await run({ key: key(2) })];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  it("goes on from a snapshot with the same bytes, within an epoch and between two", async () => {
    const whole = await run();
    for (const stop of [1, 4, 5, 10]) {
      let last: Snapshot | undefined;
      const saver: Saver = {
        load: async () => last,
        due: () => false,
        save: async (snapshot) => {
          last = snapshot;
        },
      };
      const controller = new AbortController();
      const onStep = (done: number) => void (done === stop && controller.abort());
      await expect(run({ saver, signal: controller.signal, onStep })).rejects.toThrow(Interrupted);
      expect(last?.step).toBe(stop);
      expect(await run({ saver })).toEqual(whole);
    }
  });

  it("leaves frozen tensors alone and gives back the others, in the network's order", async () => {
    const base = await run();
    const chosen = restrict(net.layout, new Set(select(net.layout, "fc2.*").map((e) => e.name)));
    const all = unflatten(net.layout, base);
    const frozen = new Map([...all].filter(([name]) => name.startsWith("fc1")));
    const start = flatten(chosen, new Map([...all].filter(([name]) => name.startsWith("fc2"))));
    const seen: Float32Array[] = [];
    const tuned = await run({ frozen, start, steps: 2, onStep: (_, __, theta) => void seen.push(theta()) });
    expect(tuned).toHaveLength(chosen.size);
    expect(seen[1]).toEqual(tuned);
    expect(seen[0]).not.toEqual(tuned);
    expect(await run({ frozen, start, steps: 2 })).toEqual(tuned);
  });

  it("takes batches larger than the split", async () => {
    const seen: number[] = [];
    await run({ batch: 310, steps: 2, onStep: (_, loss) => void seen.push(loss) });
    expect(seen.every(Number.isFinite)).toBe(true);
  });
});
