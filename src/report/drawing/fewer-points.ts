/** Fewer points for the same picture. */

/** Evenly spaced elements of a list, at most `most`, among them the first and the last. */
export function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]!);
}

/**
 * The least and the greatest point of each of `most / 2` equal stretches, in their order: what the eye sees of a dense
 * curve, spikes included.
 */
export function extremes<T>(list: readonly T[], value: (item: T) => number, most: number): readonly T[] {
  if (list.length <= most) return list;
  const stretches = Math.floor(most / 2);
  const kept: T[] = [];
  for (let s = 0; s < stretches; s++) {
    const start = Math.floor((s * list.length) / stretches);
    const end = Math.floor(((s + 1) * list.length) / stretches);
    let [least, greatest] = [start, start];
    for (let i = start + 1; i < end; i++) {
      if (value(list[i]!) < value(list[least]!)) least = i;
      if (value(list[i]!) > value(list[greatest]!)) greatest = i;
    }
    kept.push(list[Math.min(least, greatest)]!);
    if (least !== greatest) kept.push(list[Math.max(least, greatest)]!);
  }
  return kept;
}

/**
 * The averages of each value, the `half` before it and the `half` after it: `2 · half` fewer than there are values,
 * because a shorter window at the ends would bend the line.
 */
export function movingAverage(values: readonly number[], half: number): number[] {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!;
  const size = 2 * half + 1;
  return Array.from({ length: Math.max(0, values.length - 2 * half) }, (_, i) => (sums[i + size]! - sums[i]!) / size);
}
