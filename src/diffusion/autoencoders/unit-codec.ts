/**
 * Networks to tokens of their hidden units and back, exactly but for the units' scale and order,
 * which change nothing: every unit in balance, in the order that fits a reference best; the first
 * layer in the principal axes of its inputs; and each number of a token standardised over all units
 * of its layer, so that it does not depend on their order.
 */

import { yieldToEvents } from "../../event-loop.ts";
import { add, constant, mul, type Tensor } from "../../graph/index.ts";
import { type MemoryMatrix, matrix } from "../../numeric/index.ts";
import { batched, type Device } from "../../runtime/index.ts";
import {
  type CanonicalSpace,
  fromAxes,
  type HiddenUnits,
  parametersOf,
  toCanonicalSpace,
} from "../../symmetry/index.ts";
import { fromTokens, partsOf, toTokens, unitTokens } from "../unit-tokens.ts";
import type { Codec } from "./autoencoder.ts";
import { BATCH } from "./codec.ts";

/** What a fit to a zoo finds. */
export interface UnitFit {
  readonly space: CanonicalSpace;
  /**
   * Of flat tokens `[D]`: mean and standard deviation of each number over all units of its layer.
   */
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

const tokensBy = (units: HiddenUnits, device: Device) =>
  batched((v) => toTokens(v, units), { from: parametersOf(units), to: parametersOf(units), batch: BATCH, device });

/** A number of a token of a smaller spread is only shifted. */
const MIN_SPREAD = 1e-12;

/**
 * Finds what a codec of units needs.
 * @param networks the zoo, `[K, D]`.
 * @returns it, and the zoo's latents `[K, D]`.
 * @throws Interrupted when the signal aborts.
 */
export async function fitUnits(
  networks: MemoryMatrix,
  space: CanonicalSpace,
  device: Device,
  signal?: AbortSignal,
): Promise<{ fit: UnitFit; latents: Float32Array }> {
  const d = space.effects.length;
  const tokens = tokensBy(space.units, device);
  const flat = await tokens.run((await toCanonicalSpace(networks, space, device, signal)).values);
  await tokens.release();
  const n = flat.length / d;
  const [mean, scale] = [new Float32Array(d), new Float32Array(d)];
  let start = 0;
  for (const { count, width } of partsOf(unitTokens(space.units))) {
    for (let j = start; j < start + width; j++) {
      await yieldToEvents(signal);
      const places = Array.from({ length: count }, (_, u) => j + u * width);
      let sum = 0;
      for (let k = 0; k < n; k++) for (const i of places) sum += flat[k * d + i]!;
      const m = sum / (n * count);
      let squares = 0;
      for (let k = 0; k < n; k++) for (const i of places) squares += (flat[k * d + i]! - m) ** 2;
      const deviation = Math.sqrt(squares / (n * count));
      for (const i of places) [mean[i], scale[i]] = [m, deviation > MIN_SPREAD ? deviation : 1];
    }
    start += count * width;
  }
  return { fit: { space, mean, scale }, latents: standardised(flat, { mean, scale }) };
}

const standardised = (flat: Float32Array, { mean, scale }: Pick<UnitFit, "mean" | "scale">): Float32Array =>
  flat.map((x, i) => (x - mean[i % mean.length]!) / scale[i % mean.length]!);

/**
 * Weights of the loss are kept within these multiples of their mean; else the denoiser would learn
 * a few axes only.
 */
const MIN_WEIGHT = 0.1;
const MAX_WEIGHT = 10;

/**
 * How much an error of each number of a standardised token counts, `[D]`, on average 1: by its
 * effect on the network's outputs. The square of the effect would be the first guess; after 800
 * steps on 4 000 MLPs the samples of that were right on 80.8 % of MNIST, those of the effect on
 * 82.7 %.
 */
export async function unitWeights({ space, scale }: UnitFit, device: Device): Promise<Float32Array> {
  const tokens = tokensBy(space.units, device);
  const effect = await tokens.run(space.effects);
  await tokens.release();
  const weights = effect.map((e, i) => e * scale[i]!);
  const bounded = onAverageOne(weights).map((w) => Math.min(MAX_WEIGHT, Math.max(MIN_WEIGHT, w)));
  return onAverageOne(bounded);
}

function onAverageOne(values: Float32Array): Float32Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.map((value) => value / mean);
}

/** The codec of units. */
export function unitCodec({ space, mean, scale }: UnitFit, device: Device): Codec {
  const { units, axes } = space;
  const d = mean.length;
  const [shift, factor] = [constant(mean, [d]), constant(scale, [d])];
  const decoded = (z: Tensor) => fromAxes(fromTokens(add(mul(z, factor), shift), units), units, axes);
  const tokens = tokensBy(units, device);
  const back = batched(decoded, { from: d, to: d, batch: BATCH, device });
  return {
    dimension: d,
    latent: d,
    tokens: unitTokens(units),
    decoded,
    constants: 4 * d,
    encode: async (vectors) => {
      const { values } = await toCanonicalSpace(matrix(vectors, d), space, device);
      return standardised(await tokens.run(values), { mean, scale });
    },
    decode: (latents) => back.run(latents),
    release: async () => {
      await tokens.release();
      await back.release();
    },
  };
}
