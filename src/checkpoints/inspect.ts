/**
 * Summarises a checkpoint of any format: its tensors and their statistics. The memory it takes does
 * not grow with the file.
 */
import type { CheckpointFormat, FileOptions } from "./formats/checkpoint-file.ts";
import { DECODERS } from "./formats/dtypes.ts";
import { openFile } from "./formats/open-file.ts";

/** Elements held in memory at a time. */
const CHUNK = 2 ** 20;

/**
 * Statistics of one tensor, over its finite values as float32. They are null where there are no
 * such values, and for types that are not floating-point.
 */
export interface TensorSummary {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Standard deviation of the population (division by the number of values). */
  readonly std: number | null;
  /** How many values are infinite or NaN. */
  readonly nonFinite: number;
}

/** A file and its tensors, in the order of the file. */
export interface FileSummary {
  readonly path: string;
  readonly format: CheckpointFormat;
  /** Size of the file in bytes, or of all files of a sharded checkpoint. */
  readonly bytes: number;
  /** Number of values of all tensors. */
  readonly parameters: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly TensorSummary[];
  /** What the file holds that is not among its tensors, in clauses. */
  readonly beside: readonly string[];
}

/**
 * Reads a checkpoint once, piece by piece, and computes the statistics of its tensors.
 * @throws UserError `E_CHECKPOINT` when it is missing, unreadable or damaged.
 */
export async function inspectFile(path: string, options: FileOptions = {}): Promise<FileSummary> {
  const file = await openFile(path, options);
  try {
    const tensors: TensorSummary[] = [];
    for (const [name, { dtype, shape, count }] of file.tensors) {
      const moments = emptyMoments();
      if (DECODERS.has(dtype)) {
        const chunk = new Float32Array(Math.min(count, CHUNK));
        for (let start = 0; start < count; start += CHUNK) {
          const part = chunk.subarray(0, Math.min(CHUNK, count - start));
          await file.readFloats(name, start, part);
          absorb(moments, part);
        }
      }
      tensors.push({ name, dtype, shape, count, ...summary(moments) });
    }
    const parameters = tensors.reduce((total, { count }) => total + count, 0);
    const { format, bytes, metadata, beside = [] } = file;
    return { path, format, bytes, parameters, metadata, tensors, beside };
  } finally {
    await file.close();
  }
}
/** Running extremes, mean and sum of squared deviations from the mean, in float64. */
interface Moments {
  finite: number;
  nonFinite: number;
  min: number;
  max: number;
  mean: number;
  squares: number;
}

function emptyMoments(): Moments {
  return { finite: 0, nonFinite: 0, min: Infinity, max: -Infinity, mean: 0, squares: 0 };
}

/** Welford's update, value by value: exact enough for values far from zero. */
function absorb(moments: Moments, values: Float32Array): void {
  for (const value of values) {
    if (!Number.isFinite(value)) {
      moments.nonFinite++;
      continue;
    }
    moments.finite++;
    if (value < moments.min) moments.min = value;
    if (value > moments.max) moments.max = value;
    const delta = value - moments.mean;
    moments.mean += delta / moments.finite;
    moments.squares += delta * (value - moments.mean);
  }
}

function summary({ finite, nonFinite, min, max, mean, squares }: Moments) {
  return finite === 0
    ? { min: null, max: null, mean: null, std: null, nonFinite }
    : { min, max, mean, std: Math.sqrt(squares / finite), nonFinite };
}
