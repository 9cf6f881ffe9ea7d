/** Quantiles of values. */

/**
 * The quantile `p` in [0, 1] of values in ascending order, interpolated between neighbours; NaN of
 * no values. Infinite values are allowed.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const i = Math.floor(at);
  const below = sorted[i] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  // Interpolating between equal infinities would give NaN.
  return below === above ? below : below + (at - i) * (above - below);
}

/**
 * The upper median of values in any order: the greater of the two in the middle where their number
 * is even; NaN of none.
 */
export function upperMedian(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
