/**
 * Normalisation without holding whole vectors: what it needs is worked out from the checkpoints themselves, range by range,
 * or is one number for each tensor. The numbers are those of `fitNormalisation`.
 */
import type { Layout } from "../checkpoints/index.ts";
import { isRunningVariance } from "../graph/index.ts";
import type { Matrix } from "../numeric/index.ts";
import {
  type Normalisation,
  type NormalisationMode,
  normalisationPerCoordinate,
  normalise,
  opened,
  referenceFrom,
  scaleFrom,
  unnormalised,
} from "./normalisation.ts";

/** What is kept of a normalisation: one number for each tensor, all in the order of the layout. */
export interface TensorStatistics {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** As in `Normalisation`. */
  readonly reference: Float32Array;
}

/** The normalisation of coordinates `start` … `end` − 1, from what the checkpoints hold there, `[K, end − start]`. */
export type RangedNormalisation = (start: number, end: number, rows: Float32Array) => Normalisation;

/** Coordinates read at a time. */
const CHUNK = 65_536;

/** Works out what must be known of whole tensors, reading the checkpoints range by range. */
export async function fitTensorStatistics(
  mode: NormalisationMode,
  checkpoints: Matrix,
  layout: Layout,
): Promise<TensorStatistics> {
  const count = checkpoints.rows;
  const tensors = layout.entries.length;
  const statistics = {
    mean: new Float32Array(tensors),
    scale: new Float32Array(tensors).fill(1),
    reference: new Float32Array(tensors),
  };
  /** Visits a tensor's values, checkpoint by checkpoint within each range. */
  const visit = async (offset: number, size: number, see: (k: number, values: Float32Array) => void) => {
    for (let start = offset; start < offset + size; start += CHUNK) {
      const end = Math.min(start + CHUNK, offset + size);
      const part = await checkpoints.read(start, end);
      for (let k = 0; k < count; k++) see(k, part.subarray(k * (end - start), (k + 1) * (end - start)));
    }
  };
  for (const [i, entry] of layout.entries.entries()) {
    const { offset, size } = entry;
    if (isRunningVariance(entry)) {
      let sum = 0;
      await visit(offset, size, (_, values) => {
        for (const value of values) sum += value;
      });
      statistics.reference[i] = referenceFrom(sum / (size * count));
    }
    if (mode !== "tensor") continue;
    const reference = statistics.reference[i]!;
    const sums = new Float64Array(count);
    await visit(offset, size, (k, values) => {
      for (const value of values) sums[k]! += Math.fround(opened(value, reference));
    });
    const squares = new Float64Array(count);
    await visit(offset, size, (k, values) => {
      const average = sums[k]! / size;
      for (const value of values) squares[k]! += (Math.fround(opened(value, reference)) - average) ** 2;
    });
    let [mean, std] = [0, 0];
    for (let k = 0; k < count; k++) {
      mean += sums[k]! / size / count;
      std += (size > 1 ? Math.sqrt(squares[k]! / (size - 1)) : 0) / count;
    }
    statistics.mean[i] = mean;
    statistics.scale[i] = scaleFrom(std);
  }
  return statistics;
}

/** The normalisation of a mode by ranges. */
export function rangedNormalisation(
  mode: NormalisationMode,
  { mean, scale, reference }: TensorStatistics,
  { entries }: Layout,
): RangedNormalisation {
  return (start, end, rows) => {
    const width = end - start;
    const plain = unnormalised(width);
    for (const [i, { offset, size }] of entries.entries()) {
      const [from, to] = [Math.max(start, offset) - start, Math.min(end, offset + size) - start];
      if (from >= to) continue;
      plain.mean.fill(mean[i]!, from, to);
      plain.scale.fill(scale[i]!, from, to);
      plain.reference.fill(reference[i]!, from, to);
    }
    if (mode !== "coordinate") return plain;
    const open = { ...unnormalised(width), reference: plain.reference };
    return { ...normalisationPerCoordinate(normalise(open, rows), width), reference: plain.reference };
  };
}
