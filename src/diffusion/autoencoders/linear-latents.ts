/**
 * Linear latents: the exact best linear autoencoder of K checkpoints, without training. With K far
 * below D all that differs between checkpoints lies in at most K − 1 directions, and the K × K Gram
 * matrix of the centred checkpoints C holds them: C Cᵀ = U Λ Uᵀ gives the orthonormal directions
 * Λ^(−1/2) Uᵀ C. What is kept are the weights Λ^(−1/2) Uᵀ, and checkpoints are read in ranges of
 * coordinates whenever directions are needed: D is bounded by the disk, not by memory.
 */

import { yieldToEvents } from "../../event-loop.ts";
import { constant, input, matMul, transpose } from "../../graph/index.ts";
import { allEigenvectors, type Eigenvector, leadingEigenvectors, type Matrix, upright } from "../../numeric/index.ts";
import { compile, type Device } from "../../runtime/index.ts";
import { equalCheckpoints } from "../equal-checkpoints.ts";
import type { RangedNormalisation } from "../normalisations/fit-normalisation.ts";
import { denormalise, normalise } from "../normalisations/normalisation.ts";

/** The checkpoints that linear latents are made of, and how these are normalised. */
export interface LinearSource {
  readonly checkpoints: Matrix;
  readonly normalisation: RangedNormalisation;
  readonly device: Device;
  /** Stops what reads the checkpoints. */
  readonly signal?: AbortSignal | undefined;
}

/** What is found of checkpoints. */
export interface LinearFit {
  /**
   * Of the centred checkpoints in every direction, `[latent, K]`; directions by falling variance.
   */
  readonly weights: Float32Array;
  readonly latent: number;
  /** Of the checkpoints themselves, `[K, latent]`. */
  readonly latents: Float32Array;
  /** The share of the variance between checkpoints that lies in the directions. */
  readonly explained: number;
}

/** Directions written out. */
export interface LinearLatents {
  /** Mean of the checkpoints, `[D]`. */
  readonly mean: Float32Array;
  /** Orthonormal directions by falling variance, `[latent, D]`. */
  readonly components: Float32Array;
  readonly latent: number;
}

/** Coordinates read at a time: 64 Ki of 200 checkpoints are 50 MiB; fewer of more checkpoints. */
const CHUNK = 65_536;
const NUMBERS = 2 ** 24;

/** Checkpoints multiplied with all others at a time: 1024 times 16 000 take a second. */
const ROWS = 1024;

/** Coordinates of all checkpoints centred before the event loop may have a turn. */
const CENTRED = 64;

/**
 * Directions with less than this share of the largest variance are left out. The Gram matrix, a
 * float32 product, knows variances to about 1e-8 of the largest: below this share directions would
 * no longer be orthonormal to a percent.
 */
const NEGLIGIBLE = 1e-6;

/** A range of coordinates as it is worked on. */
interface Chunk {
  readonly start: number;
  readonly end: number;
  /** Normalised checkpoints less their mean, `[K, width]`; zeros behind the end. */
  readonly centred: Float32Array;
  /** That mean, `[end − start]`. */
  readonly mean: Float32Array;
  readonly normalisation: ReturnType<RangedNormalisation>;
}

const widthFor = ({ rows, columns }: Matrix): number =>
  Math.min(CHUNK, columns, Math.max(1024, Math.floor(NUMBERS / rows)));

/** The checkpoints range by range. A chunk's arrays are overwritten by the next. */
async function* chunksOf({ checkpoints, normalisation, signal }: LinearSource): AsyncGenerator<Chunk> {
  const { rows: count, columns: dimension } = checkpoints;
  const width = widthFor(checkpoints);
  const centred = new Float32Array(count * width);
  for (let start = 0; start < dimension; start += width) {
    const end = Math.min(start + width, dimension);
    const size = end - start;
    const raw = await checkpoints.read(start, end);
    const own = normalisation(start, end, raw);
    const values = normalise(own, raw);
    const mean = new Float32Array(size);
    centred.fill(0); // the last chunk may be narrower
    for (let i = 0; i < size; i++) {
      if (i % CENTRED === 0) await yieldToEvents(signal);
      let sum = 0;
      for (let k = 0; k < count; k++) sum += values[k * size + i]!;
      mean[i] = sum / count;
      for (let k = 0; k < count; k++) centred[k * width + i] = values[k * size + i]! - sum / count;
    }
    yield { start, end, centred, mean, normalisation: own };
  }
}

/**
 * Finds at most `latent` directions, fewer where the checkpoints span fewer.
 * @param options.onRange called after every range of coordinates with how many are done.
 * @throws UserError `E_RUN` when all checkpoints are equal.
 * @throws Interrupted when the signal aborts.
 */
export async function fitLinearLatents(
  source: LinearSource,
  latent: number,
  onRange: (done: number) => void | Promise<void> = () => {},
): Promise<LinearFit> {
  const { checkpoints, device, signal } = source;
  const count = checkpoints.rows;
  const gram = await gramOf(source, onRange);
  const rank = Math.min(latent, count - 1);
  const found = await eigenvectorsOf(gram, { count, rank, device, signal });
  const largest = found[0]?.value ?? 0;
  if (!(largest > 0)) throw equalCheckpoints();
  const kept = found.slice(0, rank).filter(({ value }) => value > NEGLIGIBLE * largest);

  const weights = new Float32Array(kept.length * count);
  const latents = new Float32Array(count * kept.length);
  kept.forEach(({ value, vector }, row) => {
    for (const [k, entry] of upright(vector).entries()) {
      weights[row * count + k] = entry / Math.sqrt(value);
      // C times a direction: U Λ^(1/2).
      latents[k * kept.length + row] = entry * Math.sqrt(value);
    }
  });
  let total = 0;
  for (let k = 0; k < count; k++) total += gram[k * count + k]!;
  const explained = kept.reduce((sum, { value }) => sum + value, 0) / total;
  return { weights, latent: kept.length, latents, explained };
}

/** The Gram matrix of the centred checkpoints, `[K, K]`. */
async function gramOf(source: LinearSource, onRange: (done: number) => void | Promise<void>): Promise<Float64Array> {
  const { checkpoints, device, signal } = source;
  const count = checkpoints.rows;
  const width = widthFor(checkpoints);
  const rows = Math.min(ROWS, count);
  const [a, c] = [input("a", [rows, width]), input("c", [count, width])];
  const program = await compile({ products: matMul(a, transpose(c, [1, 0])) }, device);
  const gram = new Float64Array(count * count);
  const block = new Float32Array(rows * width);
  try {
    for await (const { centred, end } of chunksOf(source)) {
      for (let first = 0; first < count; first += rows) {
        await yieldToEvents(signal);
        const own = centred.subarray(first * width, Math.min(count, first + rows) * width);
        block.set(own);
        const products = (await program.run({ a: block, c: centred })).products as Float32Array;
        const size = (own.length / width) * count;
        for (let i = 0, place = first * count; i < size; i++, place++) gram[place]! += products[i]!;
      }
      await onRange(end);
    }
  } finally {
    await program.release();
  }
  return gram;
}

/**
 * Where there are more checkpoints for each direction, the leading directions are found alone: to
 * find all takes cubic time.
 */
const FEW = 3;

/** The iteration for leading directions ends where the variance that they explain grows by less. */
const SETTLED = 1e-5;

/** Eigenvectors of a Gram matrix `[K, K]`: at least `rank` of them where there are as many. */
async function eigenvectorsOf(
  gram: Float64Array,
  { count, rank, device, signal }: { count: number; rank: number; device: Device; signal: AbortSignal | undefined },
): Promise<Eigenvector[]> {
  if (FEW * rank >= count) return allEigenvectors(gram, count, signal);
  const g = constant(Float32Array.from(gram), [count, count]);
  return leadingEigenvectors({
    size: count,
    rank,
    settled: SETTLED,
    signal,
    product: (rows) => matMul(rows, g),
    device,
  });
}

/** Writes the directions of weights `[latent, K]` out, for vectors that fit in memory. */
export async function linearDirections(source: LinearSource, weights: Float32Array): Promise<LinearLatents> {
  const { checkpoints, device } = source;
  const { rows: count, columns: dimension } = checkpoints;
  const width = widthFor(checkpoints);
  const latent = weights.length / count;
  const [w, c] = [input("w", [latent, count]), input("c", [count, width])];
  const program = await compile({ part: matMul(w, c) }, device);
  const mean = new Float32Array(dimension);
  const components = new Float32Array(latent * dimension);
  for await (const chunk of chunksOf(source)) {
    const { start, end } = chunk;
    mean.set(chunk.mean, start);
    const part = (await program.run({ w: weights, c: chunk.centred })).part as Float32Array;
    for (let row = 0; row < latent; row++)
      components.set(part.subarray(row * width, row * width + end - start), row * dimension + start);
  }
  await program.release();
  return { mean, components, latent };
}

/** Latents `[n, latent]` of other vectors, read by ranges like the checkpoints. */
export async function encodeLinear(source: LinearSource, weights: Float32Array, others: Matrix): Promise<Float32Array> {
  const { checkpoints, device } = source;
  const width = widthFor(checkpoints);
  const n = others.rows;
  const latent = weights.length / checkpoints.rows;
  if (n === 0) return new Float32Array();
  const [v, c] = [input("v", [n, width]), input("c", [checkpoints.rows, width])];
  const w = input("w", [latent, checkpoints.rows]);
  const program = await compile({ part: matMul(v, transpose(matMul(w, c), [1, 0])) }, device);
  const latents = new Float64Array(n * latent);
  const centred = new Float32Array(n * width);
  for await (const { start, end, centred: own, mean, normalisation } of chunksOf(source)) {
    const size = end - start;
    const values = normalise(normalisation, await others.read(start, end));
    centred.fill(0);
    for (let k = 0; k < n; k++)
      for (let i = 0; i < size; i++) centred[k * width + i] = values[k * size + i]! - mean[i]!;
    const part = (await program.run({ v: centred, c: own, w: weights })).part as Float32Array;
    for (let i = 0; i < latents.length; i++) latents[i]! += part[i]!;
  }
  await program.release();
  return Float32Array.from(latents);
}

/**
 * Decodes latents `[n, latent]` range by range: each network is the mean of the checkpoints and a
 * combination of their differences from it.
 * @param put takes coordinates from `start` on of all networks, `[n, width]`; the array is its own.
 */
export async function decodeLinear(
  source: LinearSource,
  weights: Float32Array,
  latents: Float32Array,
  put: (start: number, block: Float32Array) => Promise<void>,
): Promise<void> {
  const { checkpoints, device } = source;
  const width = widthFor(checkpoints);
  const latent = weights.length / checkpoints.rows;
  const n = latents.length / latent;
  const [z, w] = [input("z", [n, latent]), input("w", [latent, checkpoints.rows])];
  const c = input("c", [checkpoints.rows, width]);
  const program = await compile({ block: matMul(z, matMul(w, c)) }, device);
  for await (const { start, end, centred, mean, normalisation } of chunksOf(source)) {
    const size = end - start;
    const part = (await program.run({ z: latents, w: weights, c: centred })).block as Float32Array;
    const block = new Float32Array(n * size);
    for (let k = 0; k < n; k++) for (let i = 0; i < size; i++) block[k * size + i] = part[k * width + i]! + mean[i]!;
    await put(start, denormalise(normalisation, block));
  }
  await program.release();
}
