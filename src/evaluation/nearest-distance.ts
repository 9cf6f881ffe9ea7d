/**
 * Distance of networks to the nearest original (Zeng et al., arXiv 2506.07998): plain, and with
 * every tensor divided by its spread between the originals.
 */

import { yieldToEvents } from "../event-loop.ts";
import { gemm, input } from "../graph/index.ts";
import type { Layout } from "../layout/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import type { NearestUnits } from "../symmetry/index.ts";

/** Coordinates multiplied at a time, fewer if there are many rows: 16 Mi numbers are 64 MiB. */
const COORDINATES = 32_768;
const NUMBERS = 1 << 24;
/** Rows of the larger side multiplied at a time. */
const ROWS = 256;
/** Coordinates of all rows summed up before the event loop may have a turn. */
const SUMMED = 256;

/** Largest number of candidates for the nearest row whose distances are computed exactly. */
const MAX_CANDIDATES = 16;
/** Relative error of a float32 product of centred vectors, in units of their squared lengths. */
const ROUNDING = 1e-5;

export interface NearestOptions {
  /** `[n, dimension]` and `[m, dimension]`. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly dimension: number;
  /** Factors of the coordinates `[dimension]`; 1 by default. */
  readonly scale?: Float32Array | undefined;
  /** Pairs to ignore. */
  readonly skip?: (from: number, to: number) => boolean;
  /** Rows of `to` at most this many places apart are neighbours. */
  readonly neighbours: number;
  readonly device: Device;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Squared distances `[n, m]` of rows. Their error is the rounding of float32 products of vectors
 * that are centred by the mean of `to`.
 */
async function squaredDistances({
  from,
  to,
  dimension,
  scale,
  device,
  signal,
}: Omit<NearestOptions, "skip" | "neighbours">): Promise<Float64Array> {
  const [n, m] = [from.length / dimension, to.length / dimension];
  const width = Math.min(COORDINATES, dimension, Math.max(1, Math.floor(NUMBERS / m)));
  const block = Math.min(ROWS, Math.max(n, 1));
  const a = input("a", [block, width]);
  const b = input("b", [m, width]);
  const program = await compile({ product: gemm(a, b, { transB: true }) }, device);
  const [lengthA, lengthB] = [new Float64Array(n), new Float64Array(m)];
  const squared = new Float64Array(n * m);
  const [rows, columns] = [new Float32Array(block * width), new Float32Array(m * width)];
  const product = new Float32Array(block * m);
  const mean = new Float64Array(width);
  // One row with NaN must not make the mean, and with it all distances, NaN.
  const whole: number[] = [];
  for (let k = 0; k < m; k++) {
    await yieldToEvents(signal);
    if (to.subarray(k * dimension, (k + 1) * dimension).every(Number.isFinite)) whole.push(k);
  }
  /**
   * Centres and scales the coordinates of row `k` from `start` on. Returns their squared length.
   */
  const fill = (
    values: Float32Array,
    k: number,
    start: number,
    size: number,
    into: Float32Array,
    at: number,
  ): number => {
    let length = 0;
    for (let i = 0; i < size; i++) {
      const value = (values[k * dimension + start + i]! - mean[i]!) * (scale?.[start + i] ?? 1);
      into[at + i] = value;
      length += value * value;
    }
    into.fill(0, at + size, at + width);
    return length;
  };
  try {
    for (let start = 0; start < dimension; start += width) {
      const size = Math.min(width, dimension - start);
      mean.fill(0);
      for (const k of whole) {
        await yieldToEvents(signal);
        for (let i = 0; i < size; i++) mean[i]! += to[k * dimension + start + i]! / whole.length;
      }
      for (let k = 0; k < m; k++) {
        await yieldToEvents(signal);
        lengthB[k]! += fill(to, k, start, size, columns, k * width);
      }
      for (let first = 0; first < n; first += block) {
        await yieldToEvents(signal);
        const count = Math.min(block, n - first);
        for (let k = 0; k < count; k++) lengthA[first + k]! += fill(from, first + k, start, size, rows, k * width);
        await program.run({ a: rows, b: columns }, { product });
        for (let i = 0; i < count * m; i++) squared[first * m + i]! -= 2 * product[i]!;
      }
    }
  } finally {
    await program.release();
  }
  for (let i = 0; i < n; i++) {
    await yieldToEvents(signal);
    for (let j = 0; j < m; j++) squared[i * m + j] = Math.max(0, squared[i * m + j]! + lengthA[i]! + lengthB[j]!);
  }
  return squared;
}

/**
 * For each row of `from` the `count` nearest rows of `to`, nearest first, up to float32 rounding.
 * @throws Interrupted when the signal aborts.
 */
export async function nearestRows({
  count,
  ...options
}: Omit<NearestOptions, "skip" | "neighbours"> & { readonly count: number }): Promise<Int32Array[]> {
  const squared = await squaredDistances(options);
  const m = options.to.length / options.dimension;
  const rows: Int32Array[] = [];
  for (let i = 0; i < squared.length / m; i++) {
    await yieldToEvents(options.signal);
    const own = squared.subarray(i * m, (i + 1) * m);
    const sorted = Int32Array.from(own.keys()).sort((a, b) => own[a]! - own[b]!);
    rows.push(sorted.slice(0, count));
  }
  return rows;
}

/**
 * The nearest row for each of `n` rows. Distances are infinite and indices −1 for rows that are not
 * finite or have no counterpart.
 */
export interface Nearest {
  /** Distance to it, exact up to float64 rounding: 0 for a copy. */
  readonly distance: Float32Array;
  readonly index: Int32Array;
  /**
   * Distance to the nearest other row that is neither equal to it nor its neighbour, up to float32
   * rounding.
   */
  readonly next: Float32Array;
}

/**
 * Finds the nearest row of `to` for each row of `from`, and the nearest one beyond its neighbours.
 * @throws Interrupted when the signal aborts.
 */
export async function nearest(options: NearestOptions): Promise<Nearest> {
  const { from, to, dimension, scale, skip, neighbours, signal } = options;
  const [n, m] = [from.length / dimension, to.length / dimension];
  const squared = await squaredDistances(options);
  const distance = new Float32Array(n).fill(Number.POSITIVE_INFINITY);
  const index = new Int32Array(n).fill(-1);
  const next = new Float32Array(n).fill(Number.POSITIVE_INFINITY);
  const exact = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < dimension; k++)
      sum += ((from[i * dimension + k]! - to[j * dimension + k]!) * (scale?.[k] ?? 1)) ** 2;
    return Math.sqrt(sum);
  };
  const equal = (j: number, k: number): boolean => {
    for (let i = 0; i < dimension; i++) if (to[j * dimension + i] !== to[k * dimension + i]) return false;
    return true;
  };
  for (let i = 0; i < n; i++) {
    await yieldToEvents(signal);
    const own = squared.subarray(i * m, (i + 1) * m);
    const allowed = Array.from({ length: m }, (_, j) => j).filter((j) => !skip?.(i, j) && Number.isFinite(own[j]));
    if (allowed.length === 0) continue;
    let least = Number.POSITIVE_INFINITY;
    let longest = 0;
    for (const j of allowed) {
      least = Math.min(least, own[j]!);
      longest = Math.max(longest, own[j]!);
    }
    const candidates = allowed
      .filter((j) => own[j]! <= least + ROUNDING * longest)
      .sort((a, b) => own[a]! - own[b]! || a - b)
      .slice(0, MAX_CANDIDATES);
    for (const j of candidates) {
      const d = Math.fround(exact(i, j));
      if (d < distance[i]! || (d === distance[i] && j < index[i]!)) [distance[i], index[i]] = [d, j];
    }
    // Rows equal to the nearest are as near, so they are among the candidates.
    const equals = new Set(candidates.filter((j) => equal(j, index[i]!)));
    for (const j of allowed)
      if (Math.abs(j - index[i]!) > neighbours && !equals.has(j)) next[i] = Math.min(next[i]!, Math.sqrt(own[j]!));
  }
  return { distance, index, next };
}

/**
 * Factors `[D]` that give every tensor the same spread between originals: the inverse of the root
 * mean square deviation of its coordinates from their means. 0 for a tensor that is constant.
 * @throws Interrupted when the signal aborts.
 */
export async function tensorScale(
  originals: Float32Array,
  { size: d, entries }: Layout,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const n = originals.length / d;
  const scale = new Float32Array(d);
  for (const { offset, size } of entries) {
    let squares = 0;
    for (let i = offset; i < offset + size; i++) {
      if (i % SUMMED === 0) await yieldToEvents(signal);
      // Relative to the first checkpoint, so that constant values are exactly 0.
      const first = originals[i]!;
      let mean = 0;
      for (let k = 0; k < n; k++) mean += (originals[k * d + i]! - first) / n;
      for (let k = 0; k < n; k++) squares += (originals[k * d + i]! - first - mean) ** 2;
    }
    const spread = Math.sqrt(squares / (n * size));
    scale.fill(spread > 0 ? 1 / spread : 0, offset, offset + size);
  }
  return scale;
}

/**
 * Steps of a trajectory within which checkpoints are neighbours: the smallest lag at which the mean
 * squared distance is half of that of any two checkpoints; at least 1, at most a quarter of the
 * trajectory.
 */
async function neighbourLag(squared: Float64Array, n: number, signal: AbortSignal | undefined): Promise<number> {
  let all = 0;
  for (let i = 0; i < n; i++) {
    await yieldToEvents(signal);
    for (let j = 0; j < n; j++) all += squared[i * n + j]!;
  }
  const half = all / (n * (n - 1)) / 2;
  const most = Math.max(1, Math.floor(n / 4));
  for (let lag = 1; lag < most; lag++) {
    await yieldToEvents(signal);
    let sum = 0;
    for (let i = 0; i + lag < n; i++) sum += squared[i * n + i + lag]!;
    if (sum / (n - lag) >= half) return lag;
  }
  return most;
}

/** Distances of the networks of a group to the nearest original. */
export interface Distances {
  /** Of the parameters as they are. */
  readonly raw: Float32Array | Float64Array;
  /** With every tensor divided by its spread. */
  readonly standardised: Float32Array | Float64Array;
  /**
   * The standardised distance divided by that to the nearest original that is no neighbour of the
   * nearest one. Near 0 for a copy; near 1 for an average, which is equally far from many.
   */
  readonly isolation: Float32Array | Float64Array;
}

/** The nearest networks of others: standardised distances, and which they are. */
export interface NearestOf {
  readonly distance: ArrayLike<number>;
  /** −1 for a network that is not finite. */
  readonly index: ArrayLike<number>;
}

/** Distances to the originals, and which of them is nearest. */
export interface MeasuredDistances extends Distances {
  /** By standardised distance; −1 for a network that is not finite. */
  readonly index: Int32Array;
}

/** Measures distances to the originals. */
export interface DistanceMeter {
  /** Distances of any networks `[n, D]`. */
  measure(vectors: Float32Array): Promise<MeasuredDistances>;
  /**
   * The nearest unit of any original for each hidden unit of networks `[n, D]`; where hidden units
   * are known.
   */
  nearestUnits?(vectors: Float32Array): Promise<NearestUnits>;
  /**
   * The nearest of other networks `[m, D]` by standardised distance, for each of `[n, D]`. Where
   * both are the same array, no network is the nearest of itself.
   */
  nearestAmong(vectors: Float32Array, others: Float32Array): Promise<NearestOf>;
  /**
   * Prepares to look among other networks, `[m, D]`, again and again.
   * @returns what finds the nearest of them for each of networks `[n, D]`.
   */
  searchAmong(others: Float32Array): Promise<(vectors: Float32Array) => Promise<NearestOf>>;
  /** Distances of the originals, without themselves and their neighbours. */
  readonly originals: MeasuredDistances;
  /** Steps within which checkpoints are neighbours; 0 without a trajectory. */
  readonly neighbours: number;
}

export interface MeterOptions {
  /** `[K, D]`; checkpoints of a trajectory in its order. */
  readonly originals: Float32Array;
  readonly layout: Layout;
  readonly trajectory: boolean;
  readonly device: Device;
  /** Stops this, and whatever the meter measures. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Prepares to measure distances to the originals.
 * @throws Interrupted when the signal aborts.
 */
export async function distanceMeter({
  originals,
  layout,
  trajectory,
  device,
  signal,
}: MeterOptions): Promise<DistanceMeter> {
  const dimension = layout.size;
  const n = originals.length / dimension;
  const scale = await tensorScale(originals, layout, signal);
  const neighbours =
    trajectory && n > 1
      ? await neighbourLag(
          await squaredDistances({ from: originals, to: originals, dimension, scale, device, signal }),
          n,
          signal,
        )
      : 0;
  const both = async (from: Float32Array, skip?: NearestOptions["skip"]): Promise<MeasuredDistances> => {
    const options = { from, to: originals, dimension, device, neighbours, signal, ...(skip && { skip }) };
    const raw = (await nearest(options)).distance;
    const { distance: standardised, index, next } = await nearest({ ...options, scale });
    // If there is nothing beyond the neighbours of the nearest, copies and averages look the same.
    const isolation = standardised.map((d, i) => (d === 0 ? 0 : Number.isFinite(next[i]) ? d / next[i]! : 1));
    return { raw, standardised, isolation, index };
  };
  const among = (from: Float32Array, to: Float32Array, skip?: NearestOptions["skip"]): Promise<NearestOf> =>
    nearest({ from, to, dimension, scale, device, neighbours: 0, signal, ...(skip && { skip }) });
  return {
    neighbours,
    originals: await both(originals, (i, j) => Math.abs(i - j) <= neighbours),
    measure: (vectors) => both(vectors),
    nearestAmong: (from, to) => among(from, to, from === to ? (i, j) => i === j : undefined),
    searchAmong: async (others) => (vectors) => among(vectors, others),
  };
}
