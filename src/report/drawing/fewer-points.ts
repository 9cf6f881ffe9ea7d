/** Reduces the points of a curve without changing the picture. */

/**
 * The least and the greatest point of each of `max / 2` equal stretches, in their order: what the
 * eye sees of a dense curve, spikes included.
 * @param max at least 2.
 */
export function extremes<T>(list: readonly T[], value: (item: T) => number, max: number): readonly T[] {
  if (list.length <= max) return list;
  const stretches = Math.floor(max / 2);
  return Array.from({ length: stretches }, (_, s) => {
    const start = Math.floor((s * list.length) / stretches);
    const end = Math.floor(((s + 1) * list.length) / stretches);
    return extremesOf(list.slice(start, end), value);
  }).flat();
}

/** The least and the greatest of a list in their order; one where they are the same. */
function extremesOf<T>(list: readonly T[], value: (item: T) => number): T[] {
  let [least, greatest] = [0, 0];
  const values = list.map(value);
  values.forEach((each, i) => {
    if (each < (values[least] ?? each)) least = i;
    if (each > (values[greatest] ?? each)) greatest = i;
  });
  return list.filter((_, i) => i === least || i === greatest);
}

/**
 * The averages of each value, the `half` values before it and the `half` values after it. The
 * result is `2 · half` shorter than the input, because a shorter window at the ends would bend the
 * line.
 */
export function movingAverage(values: readonly number[], half: number): number[] {
  const size = 2 * half + 1;
  const sums = [0];
  let sum = 0;
  for (const value of values) {
    sum += value;
    sums.push(sum);
  }
  return sums.slice(size).map((upper, i) => (upper - (sums[i] ?? 0)) / size);
}
