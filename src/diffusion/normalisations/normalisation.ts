/**
 * Parameters before they meet a network: shifted and scaled, coordinate by coordinate. Running
 * variances are log-transformed first, so that none that is decoded is negative.
 */
import { add, clip, constant, exp, greater, mul, sub, type Tensor, where } from "../../graph/index.ts";

/**
 * v ↦ (v − mean) / scale, coordinate by coordinate; for a running variance ln(v / reference + 0.05)
 * stands for v (the revised paper's code). All have the length of the parameter vector, D.
 */
export interface Normalisation {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** Of running variances 0.95 times their tensor's mean over all checkpoints, else 0. */
  readonly reference: Float32Array;
}

/** The published constants: the share of the mean, and what is added to a share. */
const SHARE = 0.95;
const OFFSET = 0.05;
/** The smallest share of the reference that is decoded. */
const MIN_SHARE = 0.001;
/** The largest float32: no bound. */
const MAX_FLOAT32 = 3.4028234663852886e38;

/** Log-transforms a running variance; leaves other values (reference 0) as they are. */
export const logTransform = (value: number, reference: number): number =>
  reference === 0 ? value : Math.log(Math.max(0, value) / reference + OFFSET);

/** Undoes `logTransform`. */
const expTransform = (value: number, reference: number): number =>
  reference === 0 ? value : Math.max(Math.exp(value) - OFFSET, MIN_SHARE) * reference;

/** The reference of a tensor of running variances from their mean. */
export const referenceFrom = (mean: number): number => (mean > 0 ? SHARE * mean : 0);

/** A coordinate of a smaller spread is only shifted: scaling would blow rounding up to noise. */
const MIN_SPREAD = 1e-12;

/** What a coordinate of a standard deviation is divided by. */
export const scaleFrom = (std: number): number => (std > MIN_SPREAD ? std : 1);

/** The normalisation that leaves vectors of length `dimension` as they are. */
export const unnormalised = (dimension: number): Normalisation => ({
  mean: new Float32Array(dimension),
  scale: new Float32Array(dimension).fill(1),
  reference: new Float32Array(dimension),
});

/**
 * Standardises every coordinate of the rows `[n, dimension]` by its own mean and standard
 * deviation: parameters, or latents.
 */
export function standardisation(rows: Float32Array, dimension: number): Normalisation {
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

/** Normalises rows `[n, D]`; a new array. */
export function normalise({ mean, scale, reference }: Normalisation, rows: Float32Array): Float32Array {
  const d = mean.length;
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += d)
    for (let i = 0; i < d; i++) out[start + i] = (logTransform(rows[start + i]!, reference[i]!) - mean[i]!) / scale[i]!;
  return out;
}

/** Undoes `normalise`; a new array. */
export function denormalise({ mean, scale, reference }: Normalisation, rows: Float32Array): Float32Array {
  const d = mean.length;
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += d)
    for (let i = 0; i < d; i++) out[start + i] = expTransform(rows[start + i]! * scale[i]! + mean[i]!, reference[i]!);
  return out;
}

/** The graph of `denormalise` for rows `[n, D]`. */
export function denormalised({ mean, scale, reference }: Normalisation, rows: Tensor): Tensor {
  const d = mean.length;
  const value = add(mul(rows, constant(scale, [d])), constant(mean, [d]));
  if (reference.every((r) => r === 0)) return value;
  const references = constant(reference, [d]);
  const variance = mul(clip(sub(exp(value), OFFSET), MIN_SHARE, MAX_FLOAT32), references);
  return where(greater(references, 0), variance, value);
}
