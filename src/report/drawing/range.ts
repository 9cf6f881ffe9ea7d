/** Chooses the stretch of an axis so that a few far outliers do not squeeze all others. */
import { quantile } from "../../numeric/index.ts";
import type { Domain } from "./axes.ts";

/** Where an axis may end, and the margin where all values are equal. */
export interface Limits {
  readonly low: number;
  readonly high: number;
  readonly margin: number;
}

/** Limits of percentages. */
export const PERCENT: Limits = { low: 0, high: 100, margin: 0.5 };

/**
 * A range that holds all values of several groups. Where most of it would be empty but for a few
 * values far from their own group's quartiles, it holds the others. It always has a width, and
 * stays within the limits.
 * @param groups ascending values.
 */
export function robustRange(groups: readonly (readonly number[])[], limits: Limits): [low: number, high: number] {
  let [least, greatest, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const sorted of groups) {
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (first === undefined || last === undefined) continue;
    const [lower, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
    const reach = 3 * (upper - lower);
    least = Math.min(least, first);
    greatest = Math.max(greatest, last);
    low = Math.min(low, Math.max(first, lower - reach));
    high = Math.max(high, Math.min(last, upper + reach));
  }
  if (low - least <= high - low) low = least;
  if (greatest - high <= high - low) high = greatest;
  const margin = high > low ? 0.04 * (high - low) : limits.margin;
  return [Math.max(limits.low, low - margin), Math.min(limits.high, high + margin)];
}

/**
 * The least and the greatest of the finite values with a margin, a share of their distance;
 * undefined where there are none.
 */
export function span(values: readonly number[], margin = 0.05): [low: number, high: number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  const room = high > low ? margin * (high - low) : Math.abs(low) * margin || margin;
  return [low - room, high + room];
}

/** The range of the main groups, and of those others that lie less than its width beyond it. */
export function rangeAround(
  main: readonly (readonly number[])[],
  others: readonly (readonly number[])[],
  limits: Limits,
): [low: number, high: number] {
  const [low, high] = robustRange(main, limits);
  const reach = high - low;
  const near = others.filter((sorted) => {
    const middle = sorted.length > 0 ? quantile(sorted, 0.5) : Number.NaN;
    return middle > low - reach && middle < high + reach;
  });
  return robustRange([...main, ...near], limits);
}

/** The value, or the end of the domain that it lies beyond. */
export function clamp(value: number, [low, high]: Domain): number {
  return Math.min(high, Math.max(low, value));
}
