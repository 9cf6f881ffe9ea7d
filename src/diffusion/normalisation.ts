/**
 * Parameters before they meet a network: shifted and scaled per tensor (as the revised paper), per coordinate, or not
 * at all. Per tensor keeps the proportions inside a layer; per coordinate gives every weight the same say. Whatever the
 * mode, running variances go by their logarithm, so that none that is decoded is negative.
 */
import type { Layout } from "../checkpoints/index.ts";
import {
  add,
  clip,
  constant,
  exp,
  greater,
  isRunningVariance,
  MAX_FLOAT32,
  mul,
  sub,
  type Tensor,
  where,
} from "../graph/index.ts";

export const normalisationModes = ["tensor", "coordinate", "none"] as const;
export type NormalisationMode = (typeof normalisationModes)[number];

/**
 * v ↦ (v − mean) / scale, coordinate by coordinate; of a running variance, with ln(v / reference + 0.05) for v (the revised
 * paper's code). All have the length of the parameter vector, D.
 */
export interface Normalisation {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** 0.95 times the mean of the tensor over all checkpoints where it is one of running variances, else 0. */
  readonly reference: Float32Array;
}

/** The published constants: the share of the mean, what is added to a share, and the least share that is decoded. */
const SHARE = 0.95;
const OFFSET = 0.05;
const LEAST = 0.001;

/** What is shifted and scaled of a value. */
export const opened = (value: number, reference: number): number =>
  reference === 0 ? value : Math.log(Math.max(0, value) / reference + OFFSET);

/** Undoes `opened`. */
const close = (value: number, reference: number): number =>
  reference === 0 ? value : Math.max(Math.exp(value) - OFFSET, LEAST) * reference;

/** A spread below this is a coordinate that never moved: it is only shifted, or rounding would be blown up to noise. */
const STILL = 1e-12;

/** What a spread is divided by. */
export const scaleFrom = (std: number): number => (std > STILL ? std : 1);

/** The reference of a tensor of running variances with a mean. */
export const referenceFrom = (mean: number): number => (mean > 0 ? SHARE * mean : 0);

/** The normalisation that leaves vectors of length `dimension` as they are. */
export const unnormalised = (dimension: number): Normalisation => ({
  mean: new Float32Array(dimension),
  scale: new Float32Array(dimension).fill(1),
  reference: new Float32Array(dimension),
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
    scale: Float32Array.from(squares, (s) => scaleFrom(Math.sqrt(s / n))),
    reference: new Float32Array(dimension),
  };
}

/** Every tensor by one mean and one (unbiased) standard deviation, worked out per checkpoint and averaged over them. */
function normalisationPerTensor(rows: Float32Array, layout: Layout): Normalisation {
  const d = layout.size;
  const k = rows.length / d;
  const { mean, scale, reference } = unnormalised(d);
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
    scale.fill(scaleFrom(stds), offset, offset + size);
  }
  return { mean, scale, reference };
}

/** Where running variances lie, and what they are measured by. */
function referenceOf(rows: Float32Array, { size: d, entries }: Layout): Float32Array {
  const reference = new Float32Array(d);
  for (const entry of entries) {
    if (!isRunningVariance(entry)) continue;
    const { offset, size } = entry;
    let sum = 0;
    for (let start = offset; start < rows.length; start += d)
      for (let i = start; i < start + size; i++) sum += rows[i]!;
    const mean = sum / (size * (rows.length / d));
    reference.fill(referenceFrom(mean), offset, offset + size);
  }
  return reference;
}

/**
 * Fits the normalisation to K parameter vectors.
 * @param rows `[K, D]`.
 */
export function fitNormalisation(mode: NormalisationMode, rows: Float32Array, layout: Layout): Normalisation {
  const reference = referenceOf(rows, layout);
  const plain = { ...unnormalised(layout.size), reference };
  if (mode === "none") return plain;
  const open = reference.some((r) => r !== 0) ? normalise(plain, rows) : rows;
  const fitted =
    mode === "coordinate" ? normalisationPerCoordinate(open, layout.size) : normalisationPerTensor(open, layout);
  return { ...fitted, reference };
}

/** The part of a normalisation that concerns the coordinates from `start` up to `end`. */
export const sliceNormalisation = (
  { mean, scale, reference }: Normalisation,
  start: number,
  end: number,
): Normalisation => ({
  mean: mean.subarray(start, end),
  scale: scale.subarray(start, end),
  reference: reference.subarray(start, end),
});

/** Normalises rows `[n, D]`; a new array. */
export function normalise({ mean, scale, reference }: Normalisation, rows: Float32Array): Float32Array {
  const d = mean.length;
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += d)
    for (let i = 0; i < d; i++) out[start + i] = (opened(rows[start + i]!, reference[i]!) - mean[i]!) / scale[i]!;
  return out;
}

/** Undoes `normalise`; a new array. */
export function denormalise({ mean, scale, reference }: Normalisation, rows: Float32Array): Float32Array {
  const d = mean.length;
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += d)
    for (let i = 0; i < d; i++) out[start + i] = close(rows[start + i]! * scale[i]! + mean[i]!, reference[i]!);
  return out;
}

/** The graph of `denormalise` for rows `[n, D]`. */
export function denormalised({ mean, scale, reference }: Normalisation, rows: Tensor): Tensor {
  const d = mean.length;
  const value = add(mul(rows, constant(scale, [d])), constant(mean, [d]));
  if (reference.every((r) => r === 0)) return value;
  const measure = constant(reference, [d]);
  const variance = mul(clip(sub(exp(value), OFFSET), LEAST, MAX_FLOAT32), measure);
  return where(greater(measure, 0), variance, value);
}
