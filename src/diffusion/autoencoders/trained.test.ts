import { describe, expect, it } from "vitest";
import { z } from "zod";

import { layoutOf } from "../../layout/index.ts";
import { linear } from "../../nn/index.ts";
import { matrix } from "../../numeric/index.ts";
import { key, normal } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { none } from "../normalisations/none.ts";
import { partSchema } from "../part.ts";
import { hostOn, memoryStore } from "../training-host.fixture.ts";
import type { FitTask } from "./autoencoder.ts";
import { type TrainedOptions, trainedAutoencoder } from "./trained.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const D = 6;

interface Own {
  readonly type: string;
  readonly latent: number;
}
const part = trainedAutoencoder<Own>({
  type: "plain",
  description: "one linear layer each way",
  options: { latent: z.int().default(2) },
  defaults: {
    noise: { latent: 0.1 },
    training: {
      steps: 90,
      batch: 4,
      lr: 2e-2,
      optimiser: { type: "adamw", weightDecay: 0 },
      schedule: { type: "constant" },
    },
  },
  build: ({ latent }, dimension) => ({
    latent,
    dimension,
    encode: (at, v) => ({ mean: linear(at.in("encoder"), v, { out: latent }) }),
    decode: (at, z) => linear(at.in("decoder"), z, { out: dimension }),
  }),
});
const optionsOf = (more: object = {}) =>
  partSchema([part as never]).parse({ type: "plain", ...more }) as unknown as Own & TrainedOptions;

/** Vectors along one direction. */
const vectors = Float32Array.from({ length: 8 * D }, (_, i) => (Math.floor(i / D) - 3.5) * ((i % D) + 1) * 0.2);

const taskOf = (zoo: Float32Array, losses: number[], store = memoryStore()): FitTask => {
  const layout = layoutOf([{ name: "w", shape: [D] }]);
  const unknown = () => {
    throw new Error("not asked for");
  };
  return {
    zoo: matrix(zoo, D),
    layout,
    trajectory: true,
    source: { normalisation: none, device, layout: async () => layout, open: unknown, units: unknown },
    store,
    host: hostOn(device, losses),
    canonicalSpace: unknown,
    progress: unknown,
    note: unknown,
    warn: unknown,
  };
};

describe("an autoencoder that is trained", () => {
  it("has options of its own, and of its noise and its training, with its defaults", () => {
    expect(optionsOf()).toMatchObject({
      latent: 2,
      noise: { parameters: 0, latent: 0.1, mode: "add", target: "clean" },
      training: { steps: 90, batch: 4, lr: 2e-2 },
    });
  });

  it("is planned by its steps and by what its state takes in snapshots", () => {
    const plan = part.plan(optionsOf(), { dimension: D, count: 8, units: () => [] as never });
    const parameters = 2 * D + 2 + (D * 2 + D);
    expect([plan.latent, plan.work().steps, plan.work().snapshotBytes]).toEqual([2, 90, 24 * parameters]);
    expect(() =>
      part.plan(optionsOf({ latent: 2 ** 20 }), { dimension: 2 ** 10, count: 8, units: () => [] as never }),
    ).toThrow(/it would have \d+ parameters .*use fewer or smaller stages, or a smaller latent/);
  });

  it("reconstructs what it was fitted to, and is not trained again once it was saved", async () => {
    const store = memoryStore();
    const options = optionsOf({ noise: { latent: 0 } });
    const losses: number[] = [];
    const first = await part.fit(options, taskOf(vectors, losses, store));
    expect(losses).toHaveLength(90);
    expect(first.explained).toBeGreaterThan(0.9);
    const again = await part.fit(options, taskOf(vectors, losses, store));
    expect(losses).toHaveLength(90);
    expect(again.latents).toEqual(first.latents);
    expect(await again.encode(matrix(vectors.slice(0, D), D))).toEqual(first.latents.slice(0, 2));
    for (const each of [first, again]) await each.release();
  });

  it("is refused equal checkpoints", async () => {
    const equal = Float32Array.from({ length: 3 * D }, (_, i) => normal(key(1), D)[i % D]!);
    await expect(part.fit(optionsOf(), taskOf(equal, []))).rejects.toThrow("all checkpoints of the zoo are equal");
  });
});
