/**
 * Comparison with the fixtures that the oracle scripts make (test/oracle/oracle.py holds the same
 * sketch).
 */
import { expect } from "vitest";

import { words } from "./fill.ts";

const LARGE = 600;
const SKETCH = 256;

/**
 * The values themselves where they are few, else their signed sums in buckets, which keep distances
 * on average.
 */
export function sketch(values: ArrayLike<number>, buckets = SKETCH, large = LARGE): Float64Array {
  if (values.length <= large) return Float64Array.from(values);
  const sums = new Float64Array(buckets);
  const hashes = words("sketch", values.length);
  for (let i = 0; i < values.length; i++) {
    const word = hashes[i]!;
    sums[(word >>> 1) % buckets]! += (word & 1) === 1 ? values[i]! : -values[i]!;
  }
  return sums;
}

const norm = (values: ArrayLike<number>): number => Math.hypot(...Float64Array.from(values));

/**
 * ‖actual − expected‖ / ‖expected‖, or over `floor` where the expected values are less than that.
 */
export function relativeError(actual: ArrayLike<number>, expected: readonly number[], floor = 1e-3): number {
  const seen = sketch(actual);
  expect(seen.length).toBe(expected.length);
  return norm(seen.map((value, i) => value - expected[i]!)) / Math.max(norm(expected), floor);
}

/** The cases of a fixture: arrays of numbers by name, and shapes. */
export type Fixture = Readonly<
  Record<string, Readonly<Record<string, readonly number[]>> & { shapes: Readonly<Record<string, readonly number[]>> }>
>;
