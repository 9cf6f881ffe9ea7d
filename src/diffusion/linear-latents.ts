/**
 * Linear latents: the exact best linear autoencoder of K checkpoints, without training. With K far below D all that
 * differs between checkpoints lies in at most K − 1 directions, and the K × K Gram matrix of the centred checkpoints
 * holds them: C Cᵀ = U Λ Uᵀ gives the orthonormal directions Λ^(−1/2) Uᵀ C. Coordinates are read in chunks, so D is
 * bounded by the disk and not by memory (but for the result, latent × D).
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

import { UserError } from "../errors.ts";
import { input, matMul, transpose } from "../graph/index.ts";
import { compile, type Device } from "../runtime/index.ts";

/** K parameter vectors of length D that can be read by ranges of coordinates. */
export interface Rows {
  readonly count: number;
  readonly dimension: number;
  /** Coordinates start … end − 1 of every vector, `[count, end − start]`. */
  read(start: number, end: number): Promise<Float32Array>;
}

export interface LinearLatents {
  /** Mean of the checkpoints, `[D]`. */
  readonly mean: Float32Array;
  /** Orthonormal directions by falling variance, `[latent, D]`. */
  readonly components: Float32Array;
  readonly latent: number;
}

/** Coordinates read at a time: 64 Ki of 200 checkpoints are 50 MiB. */
const CHUNK = 65_536;

/**
 * Directions with less than this share of the largest variance are left out. The Gram matrix, a float32 product, knows
 * variances to about 1e-8 of the largest: below this share directions would no longer be orthonormal to a percent.
 */
const NEGLIGIBLE = 1e-6;

/**
 * Finds at most `latent` directions, fewer where the checkpoints span fewer.
 * @throws UserError `E_RUN` when all checkpoints are equal.
 */
export async function fitLinearLatents(rows: Rows, latent: number, device: Device): Promise<LinearLatents> {
  const { count, dimension } = rows;
  const width = Math.min(CHUNK, dimension);
  const chunks = Array.from({ length: Math.ceil(dimension / width) }, (_, i) => ({
    start: i * width,
    end: Math.min((i + 1) * width, dimension),
  }));
  const mean = new Float32Array(dimension);
  const centred = new Float32Array(count * width);
  const load = async ({ start, end }: { start: number; end: number }) => {
    const values = await rows.read(start, end);
    const size = end - start;
    centred.fill(0); // the last chunk may be narrower
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += values[k * size + i]!;
      mean[start + i] = sum / count;
      for (let k = 0; k < count; k++) centred[k * width + i] = values[k * size + i]! - sum / count;
    }
  };

  const c = input("c", [count, width]);
  const gramProgram = await compile({ gram: matMul(c, transpose(c, [1, 0])) }, device);
  const gram = new Float64Array(count * count);
  for (const chunk of chunks) {
    await load(chunk);
    const part = (await gramProgram.run({ c: centred })).gram as Float32Array;
    for (let i = 0; i < gram.length; i++) gram[i]! += part[i]!;
  }
  await gramProgram.release();

  const symmetric = Matrix.from1DArray(count, count, gram);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const order = realEigenvalues.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value);
  const largest = order[0]!.value;
  if (!(largest > 0))
    throw new UserError("E_RUN", "all checkpoints are equal: there is nothing to learn; give checkpoints that differ");
  const kept = order.slice(0, Math.min(latent, count - 1)).filter(({ value }) => value > NEGLIGIBLE * largest);

  const weights = new Float32Array(kept.length * count);
  kept.forEach(({ value, index }, row) => {
    // The sign of an eigenvector is arbitrary; its largest entry is made positive so that it is always the same.
    const vector = eigenvectorMatrix.getColumn(index);
    const peak = vector.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    for (let k = 0; k < count; k++) weights[row * count + k] = (vector[k]! * Math.sign(peak)) / Math.sqrt(value);
  });
  const w = input("w", [kept.length, count]);
  const projection = await compile({ part: matMul(w, c) }, device);
  const components = new Float32Array(kept.length * dimension);
  for (const chunk of chunks) {
    await load(chunk);
    const part = (await projection.run({ w: weights, c: centred })).part as Float32Array;
    for (let row = 0; row < kept.length; row++) {
      components.set(part.subarray(row * width, row * width + chunk.end - chunk.start), row * dimension + chunk.start);
    }
  }
  await projection.release();
  return { mean, components, latent: kept.length };
}
