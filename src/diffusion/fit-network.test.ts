import { describe, expect, it } from "vitest";

import { Interrupted } from "../errors.ts";
import { input, reduceMean, sub } from "../graph/index.ts";
import { linear, optimiser, trace } from "../nn/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type Fitting, fitNetwork } from "./fit-network.ts";
import { hostOn } from "./training-host.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const [ROWS, BATCH, STEPS] = [6, 2, 9];

/** Rows (0, 0), (1, 10), …, and what was fed of them. */
function fitting(more: Partial<Fitting> = {}): { fit: Fitting; fed: number[] } {
  const fed: number[] = [];
  const v = input("v", [BATCH, 2]);
  const traced = trace((at) => ({ loss: reduceMean(sub(linear(at, v, { out: 1 }), 1), { axes: [0, 1] }) }), {
    training: true,
  });
  const training = {
    steps: STEPS,
    batch: BATCH,
    lr: 1e-3,
    optimiser: { type: "sgd", momentum: 0, nesterov: false, weightDecay: 0 },
    schedule: { type: "constant", warmup: 0 },
  } as const;
  const fit: Fitting = {
    name: "autoencoder",
    step: { traced, optimiser: optimiser(training.optimiser) },
    training,
    rows: Float32Array.from({ length: 2 * ROWS }, (_, i) => Math.floor(i / 2) * (i % 2 === 0 ? 1 : 10)),
    width: 2,
    feeds(batch) {
      for (let k = 0; k < BATCH; k++) {
        expect(batch[2 * k + 1]).toBe(10 * batch[2 * k]!);
        fed.push(batch[2 * k]!);
      }
      return { v: batch.slice() };
    },
    result: "theta",
    ...more,
  };
  return { fit, fed };
}

describe("the training of a network", () => {
  it("shows every row once before any a second time, in another order, and reports each step", async () => {
    const { fit, fed } = fitting();
    const losses: number[] = [];
    const { theta, buffers } = await fitNetwork(hostOn(device, losses), fit);
    const epochs = [0, 1, 2].map((epoch) => fed.slice(epoch * ROWS, (epoch + 1) * ROWS));
    for (const epoch of epochs) expect(epoch.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect([losses.length, theta.length, buffers.length]).toEqual([STEPS, 3, 0]);
  });

  it("keeps the result so far after the steps of its snapshots", async () => {
    const kept = new Map<number, Float32Array>();
    const keep = async (step: number, { theta }: { theta: Float32Array }) => void kept.set(step, theta.slice());
    const { fit } = fitting({ snapshots: { steps: [4, STEPS], keep } });
    const { theta } = await fitNetwork(hostOn(device), fit);
    expect([...kept.keys()]).toEqual([4, STEPS]);
    expect(kept.get(STEPS)).toEqual(theta);
    expect(kept.get(4)).not.toEqual(theta);
  });

  it("stops when its signal aborts", async () => {
    const signal = AbortSignal.abort();
    await expect(fitNetwork(hostOn(device, [], { signal }), fitting().fit)).rejects.toThrow(Interrupted);
  });
});
