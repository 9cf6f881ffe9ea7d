/**
 * Parameters before they meet a network: shifted and scaled per tensor (as the revised paper), per coordinate, or not
 * at all. Per tensor keeps the proportions inside a layer; per coordinate gives every weight the same say.
 */
import type { Layout } from "../checkpoints/index.ts";

export const normalisationModes = ["tensor", "coordinate", "none"] as const;
export type NormalisationMode = (typeof normalisationModes)[number];

/** v ↦ (v − mean) / scale, coordinate by coordinate. Both have the length of the parameter vector, D. */
export interface Normalisation {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/** A spread below this is a coordinate that never moved: it is only shifted, or rounding would be blown up to noise. */
const STILL = 1e-12;

const mover = (std: number): number => (std > STILL ? std : 1);

/** The normalisation that leaves vectors of length `dimension` as they are. */
export const unnormalised = (dimension: number): Normalisation => ({
  mean: new Float32Array(dimension),
  scale: new Float32Array(dimension).fill(1),
});

/** Every coordinate of the rows `[n, dimension]` by its own mean and standard deviation: parameters, or latents. */
export function normalisationPerCoordinate(rows: Float32Array, dimension: number): Normalisation {
  const n = rows.length / dimension;
  const sum = new Float64Array(dimension);
  const squares = new Float64Array(dimension);
  for (let r = 0; r < n; r++) for (let i = 0; i < dimension; i++) sum[i]! += rows[r * dimension + i]!;
  for (let r = 0; r < n; r++) {
    for (let i = 0; i < dimension; i++) {
      const difference = rows[r * dimension + i]! - sum[i]! / n;
      squares[i]! += difference * difference;
    }
  }
  return {
    mean: Float32Array.from(sum, (s) => s / n),
    scale: Float32Array.from(squares, (s) => mover(Math.sqrt(s / n))),
  };
}

/** Every tensor by one mean and one (unbiased) standard deviation, worked out per checkpoint and averaged over them. */
function normalisationPerTensor(rows: Float32Array, layout: Layout): Normalisation {
  const d = layout.size;
  const k = rows.length / d;
  const { mean, scale } = unnormalised(d);
  for (const { offset, size } of layout.entries) {
    let means = 0;
    let stds = 0;
    for (let r = 0; r < k; r++) {
      const tensor = rows.subarray(r * d + offset, r * d + offset + size);
      const average = tensor.reduce((a, b) => a + b, 0) / size;
      const squares = tensor.reduce((a, b) => a + (b - average) ** 2, 0);
      means += average / k;
      stds += (size > 1 ? Math.sqrt(squares / (size - 1)) : 0) / k;
    }
    mean.fill(means, offset, offset + size);
    scale.fill(mover(stds), offset, offset + size);
  }
  return { mean, scale };
}

/**
 * Fits the normalisation to K parameter vectors.
 * @param rows `[K, D]`.
 */
export function fitNormalisation(mode: NormalisationMode, rows: Float32Array, layout: Layout): Normalisation {
  switch (mode) {
    case "none":
      return unnormalised(layout.size);
    case "coordinate":
      return normalisationPerCoordinate(rows, layout.size);
    case "tensor":
      return normalisationPerTensor(rows, layout);
  }
}

/** Normalises rows `[n, D]`; a new array. */
export function normalise({ mean, scale }: Normalisation, rows: Float32Array): Float32Array {
  const d = mean.length;
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += d)
    for (let i = 0; i < d; i++) out[start + i] = (rows[start + i]! - mean[i]!) / scale[i]!;
  return out;
}

/** Undoes `normalise`; a new array. */
export function denormalise({ mean, scale }: Normalisation, rows: Float32Array): Float32Array {
  const d = mean.length;
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += d)
    for (let i = 0; i < d; i++) out[start + i] = rows[start + i]! * scale[i]! + mean[i]!;
  return out;
}
