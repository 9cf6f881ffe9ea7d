/** The accuracy of a network, and summaries of a group of them. */
import type { Spread } from "../records/index.ts";

/** Share of predictions that equal their labels. */
export function accuracy(predictions: ArrayLike<number>, labels: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (predictions[i] === labels[i]) right++;
  return right / labels.length;
}

/** The values that are numbers and not infinite. */
export const finite = (values: ArrayLike<number>): number[] =>
  Array.from(values).filter((value) => Number.isFinite(value));

/** Mean of values; NaN of none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Summarises at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  const middle = (sorted[Math.floor((n - 1) / 2)]! + sorted[Math.ceil((n - 1) / 2)]!) / 2;
  return {
    mean,
    best: sorted[n - 1]!,
    median: middle,
    sd: Math.sqrt(sorted.reduce((a, b) => a + (b - mean) ** 2, 0) / n),
  };
}
