import { describe, expect, it } from "vitest";

import { layoutOf } from "../../layout/index.ts";
import { countOf } from "../../nn/index.ts";
import { matrix } from "../../numeric/index.ts";
import { key, normal } from "../../random/index.ts";
import type { Device } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { fitNormalisation } from "../normalisations/fit-normalisation.ts";
import { none } from "../normalisations/none.ts";
import type { NormalisationPart } from "../normalisations/part.ts";
import { perCoordinate } from "../normalisations/per-coordinate.ts";
import { autoencoderStep } from "../training.ts";
import { networkCodec, varianceExplained } from "./codec.ts";
import { convAutoencoder } from "./conv.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });
const D = 40;
const layout = layoutOf([{ name: "w", shape: [D] }]);
const fitted = (part: NormalisationPart, vectors: Float32Array) => fitNormalisation(part, matrix(vectors, D), layout);
const vectors = normal(key(1), 6 * D).map((x, i) => x * (1 + (i % D)));
const unit = await fitted(none, vectors);

describe("the variance explained", () => {
  const mean = Float32Array.from({ length: vectors.length }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < 6; k++) sum += vectors[k * D + (i % D)]!;
    return sum / 6;
  });

  it("is 1 for perfect copies, 0 for the mean and below it for worse", async () => {
    expect(await varianceExplained(vectors, vectors, unit)).toBe(1);
    expect(await varianceExplained(vectors, mean, unit)).toBeCloseTo(0, 6);
    expect(
      await varianceExplained(
        vectors,
        vectors.map((x) => -x),
        unit,
      ),
    ).toBeLessThan(0);
  });

  it("is 1 − share for errors that hold a share of the variance", async () => {
    const half = vectors.map((x, i) => (x + mean[i]!) / 2);
    expect(await varianceExplained(vectors, half, unit)).toBeCloseTo(0.75, 5);
  });

  it("is measured in normalised coordinates", async () => {
    const coordinate = await fitted(perCoordinate, vectors);
    // One coordinate of 40 lost: all count the same once normalised.
    const lost = vectors.map((x, i) => (i % D === D - 1 ? mean[i]! : x));
    expect(await varianceExplained(vectors, lost, coordinate)).toBeCloseTo(1 - 1 / D, 5);
    expect(await varianceExplained(vectors, lost, unit)).toBeLessThan(1 - 1.5 / D);
  });

  it("is 0 where there is none", async () => {
    const equal = new Float32Array(3 * D).fill(2);
    expect(await varianceExplained(equal, equal, unit)).toBe(0);
  });
});

describe("a codec", () => {
  it("of a network codes any number of vectors as it codes each alone", async () => {
    const options = { type: "conv", channels: [2, 3], kernel: 3, stride: 2, latent: 4 } as const;
    const network = convAutoencoder.build(options, D);
    const training = {
      steps: 1,
      batch: 1,
      lr: 0.1,
      optimiser: { type: "adam", betas: [0.9, 0.999], weightDecay: 0 },
      schedule: { type: "constant", warmup: 0 },
    } as const;
    const noise = { parameters: 0, latent: 0, mode: "add", target: "clean" } as const;
    const { traced } = autoencoderStep({ network, noise, training });
    const theta = normal(key(3), countOf(traced.parameters)).map((x) => 0.2 * x);
    // More than one batch of the codec, and a last one that is not full.
    const vectors = normal(key(4), 63 * D);
    const state = { theta, buffers: new Float32Array() };
    const normalisation = await fitted(perCoordinate, vectors);
    const codec = networkCodec({ network, state, normalisation, batch: 1, device });
    const latents = await codec.encode(vectors);
    const decoded = await codec.decode(latents);
    expect(latents).toHaveLength(63 * 4);
    expect(decoded).toHaveLength(63 * D);
    for (const k of [0, 49, 50, 62]) {
      const z = await codec.encode(vectors.slice(k * D, (k + 1) * D));
      expect(latents.slice(k * 4, (k + 1) * 4)).toEqual(z);
      expect(decoded.slice(k * D, (k + 1) * D)).toEqual(await codec.decode(z));
    }
    await codec.release();
  });
});
