/**
 * Fits a normalisation to checkpoints that need not fit in memory: what must be known of whole
 * tensors is worked out range by range and kept as one number for each tensor; what is known of
 * single coordinates is worked out again from the checkpoints whenever it is needed.
 */

import { isRunningVariance } from "../../graph/index.ts";
import type { Layout } from "../../layout/index.ts";
import { at } from "../../lookup.ts";
import type { Matrix } from "../../numeric/index.ts";
import { logTransform, type Normalisation, normalise, referenceFrom, unnormalised } from "./normalisation.ts";
import type { NormalisationPart } from "./part.ts";

/** What is kept of a normalisation: one number for each tensor, all in the order of the layout. */
export interface TensorStatistics {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** As in `Normalisation`. */
  readonly reference: Float32Array;
}

/**
 * The normalisation of coordinates `start` … `end` − 1, from what the checkpoints hold there,
 * `[K, end − start]`.
 */
export type RangedNormalisation = (start: number, end: number, rows: Float32Array) => Normalisation;

/** Coordinates read at a time. */
const CHUNK = 65_536;

/** Works out what must be known of whole tensors, reading the checkpoints range by range. */
export async function fitTensorStatistics(
  part: NormalisationPart,
  checkpoints: Matrix,
  { entries }: Layout,
): Promise<TensorStatistics> {
  const count = checkpoints.rows;
  const statistics = {
    mean: new Float32Array(entries.length),
    scale: new Float32Array(entries.length).fill(1),
    reference: new Float32Array(entries.length),
  };
  /** Visits a tensor's values, checkpoint by checkpoint within each range. */
  const visitAll = async (offset: number, size: number, see: (k: number, values: Float32Array) => void) => {
    for (let start = offset; start < offset + size; start += CHUNK) {
      const end = Math.min(start + CHUNK, offset + size);
      const width = end - start;
      const block = await checkpoints.read(start, end);
      for (let k = 0; k < count; k++) see(k, block.subarray(k * width, (k + 1) * width));
    }
  };
  for (const [i, entry] of entries.entries()) {
    const { offset, size } = entry;
    let reference = 0;
    if (isRunningVariance(entry)) {
      let sum = 0;
      await visitAll(offset, size, (_, values) => {
        for (const value of values) sum += value;
      });
      statistics.reference[i] = referenceFrom(sum / (size * count));
      reference = at(statistics.reference, i);
    }
    if (part.ofTensor === undefined) continue;
    const { mean, scale } = await part.ofTensor({
      count,
      size,
      visit: (see) =>
        visitAll(offset, size, (k, values) =>
          see(k, reference === 0 ? values : values.map((value) => logTransform(value, reference))),
        ),
    });
    statistics.mean[i] = mean;
    statistics.scale[i] = scale;
  }
  return statistics;
}

/** The normalisation by ranges, from the statistics of whole tensors. */
export function rangedNormalisation(
  part: NormalisationPart,
  { mean, scale, reference }: TensorStatistics,
  { entries }: Layout,
): RangedNormalisation {
  return (start, end, rows) => {
    const width = end - start;
    const plain = unnormalised(width);
    for (const [i, { offset, size }] of entries.entries()) {
      const [from, to] = [Math.max(start, offset) - start, Math.min(end, offset + size) - start];
      if (from >= to) continue;
      plain.mean.fill(at(mean, i), from, to);
      plain.scale.fill(at(scale, i), from, to);
      plain.reference.fill(at(reference, i), from, to);
    }
    if (part.ofCoordinates === undefined) return plain;
    const transform = { ...unnormalised(width), reference: plain.reference };
    const standard = part.ofCoordinates(normalise(transform, rows), width);
    return { mean: standard.mean, scale: standard.scale, reference: plain.reference };
  };
}

/** A normalisation by ranges as whole vectors. */
export async function wholeNormalisation(
  normalisation: RangedNormalisation,
  checkpoints: Matrix,
): Promise<Normalisation> {
  const whole = unnormalised(checkpoints.columns);
  for (let start = 0; start < checkpoints.columns; start += CHUNK) {
    const end = Math.min(start + CHUNK, checkpoints.columns);
    const part = normalisation(start, end, await checkpoints.read(start, end));
    whole.mean.set(part.mean, start);
    whole.scale.set(part.scale, start);
    whole.reference.set(part.reference, start);
  }
  return whole;
}

/** Fits a normalisation to K parameter vectors, as whole vectors. */
export async function fitNormalisation(
  part: NormalisationPart,
  checkpoints: Matrix,
  layout: Layout,
): Promise<Normalisation> {
  const statistics = await fitTensorStatistics(part, checkpoints, layout);
  return wholeNormalisation(rangedNormalisation(part, statistics, layout), checkpoints);
}
