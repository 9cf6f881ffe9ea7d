/** The stretch of an axis worth showing: a few far outliers must not squeeze everything else into a corner. */

/** The quantile of p in [0, 1] of ascending values, interpolated. */
export function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const low = Math.floor(place);
  const [a, b] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
  return a + (b - a) * (place - low);
}

/**
 * A range that holds all values of several groups, or, where most of it would be empty but for a few values far from
 * their own group's quartiles, the part that holds the rest. Never of no width, and within [0, 100].
 * @param groups ascending values, percentages.
 */
export function percentRange(groups: readonly (readonly number[])[]): [low: number, high: number] {
  let [least, greatest, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const sorted of groups) {
    if (sorted.length === 0) continue;
    const [first, last] = [sorted[0]!, sorted.at(-1)!];
    const [lower, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
    const reach = 3 * (upper - lower);
    least = Math.min(least, first);
    greatest = Math.max(greatest, last);
    low = Math.min(low, Math.max(first, lower - reach));
    high = Math.max(high, Math.min(last, upper + reach));
  }
  if (low - least <= high - low) low = least;
  if (greatest - high <= high - low) high = greatest;
  const margin = high > low ? 0.04 * (high - low) : 0.5;
  return [Math.max(0, low - margin), Math.min(100, high + margin)];
}

/** The least and the greatest of the finite values with a margin, a share of their distance; undefined where there are none. */
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

/** The range of the groups that matter, and of those others whose middle is less than its width beyond it. */
export function rangeAround(
  groups: readonly (readonly number[])[],
  others: readonly (readonly number[])[],
): [low: number, high: number] {
  const [low, high] = percentRange(groups);
  const reach = high - low;
  const near = others.filter((sorted) => {
    const middle = sorted.length > 0 ? quantile(sorted, 0.5) : Number.NaN;
    return middle > low - reach && middle < high + reach;
  });
  return percentRange([...groups, ...near]);
}
