import { at } from "../lookup.ts";
/**
 * Position embeddings of a vision transformer for images of another size: bicubic interpolation
 * with antialiasing, as in timm and PyTorch (Keys' cubic with a = −1/2, widened by the scale where
 * the grid shrinks).
 */

/** Rows and columns of patches. */
export type Grid = readonly [rows: number, columns: number];

/** Keys' cubic (1981): 1 at 0, 0 at ±1 and from ±2 on. */
function cubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
}

/** The input positions that make one output position: their weights, from position `first` on. */
interface Filter {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The filters that resize an axis from `from` to `to` positions. */
function filters(from: number, to: number): Filter[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = scale * (i + 0.5);
    const first = Math.max(Math.floor(centre - 2 * stretch + 0.5), 0);
    const last = Math.min(Math.floor(centre + 2 * stretch + 0.5), from);
    const weights = Array.from({ length: last - first }, (_, j) => cubic((first + j + 0.5 - centre) / stretch));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Resizes the middle axis of `[outer, from, inner]`. */
function resizeAxis(x: Float64Array, from: number, to: number, inner: number): Float64Array {
  const outer = x.length / from / inner;
  const out = new Float64Array(outer * to * inner);
  for (const [i, { first, weights }] of filters(from, to).entries())
    for (let o = 0; o < outer; o++)
      for (const [j, weight] of weights.entries()) {
        const source = (o * from + first + j) * inner;
        const target = (o * to + i) * inner;
        for (let k = 0; k < inner; k++) out[target + k]! += weight * at(x, source + k);
      }
  return out;
}

/**
 * Resizes a `pos_embed` `[1, 1 + rows × columns, width]`, row-major, to another grid. The first
 * position, the class token's, stays as it is.
 */
export function resizePositions(embedding: Float32Array, from: Grid, to: Grid): Float32Array {
  const width = embedding.length / (1 + from[0] * from[1]);
  const patches = Float64Array.from(embedding.subarray(width));
  const wide = resizeAxis(patches, from[1], to[1], width);
  const out = new Float32Array((1 + to[0] * to[1]) * width);
  out.set(embedding.subarray(0, width));
  out.set(resizeAxis(wide, from[0], to[0], to[1] * width), width);
  return out;
}
