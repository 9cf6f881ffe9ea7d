/** Spearman's rank correlation, which a few failed networks do not decide. */

/** The correlation of the ranks of x and y, in [-1, 1]; NaN where one of them does not vary. */
export function rankCorrelation(points: readonly (readonly [x: number, y: number])[]): number {
  const x = ranks(points.map(([x]) => x));
  const y = ranks(points.map(([, y]) => y));
  const middle = (points.length - 1) / 2;
  let [xx, xy, yy] = [0, 0, 0];
  x.forEach((rank, i) => {
    const [a, b] = [rank - middle, (y[i] ?? Number.NaN) - middle];
    xx += a * a;
    xy += a * b;
    yy += b * b;
  });
  return xy / Math.sqrt(xx * yy);
}

/** Ranks from 0; equal values share the mean of theirs. */
function ranks(values: readonly number[]): Float64Array {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const rank = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    const value = order[start]?.value;
    let end = start;
    while (end < order.length && order[end]?.value === value) end++;
    for (const { i } of order.slice(start, end)) rank[i] = (start + end - 1) / 2;
    start = end;
  }
  return rank;
}
