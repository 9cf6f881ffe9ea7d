/** Resize: images made larger or smaller, one axis after another, each a product with the matrix of its interpolation. */
import { gemm } from "../ops/linear.ts";
import { reshape, transpose } from "../ops/shape.ts";
import { constant, sizeOf, type Tensor } from "../tensor.ts";
import { type Attributes, axisOf } from "./attributes.ts";
import { checkSize } from "./constants.ts";
import { refuse } from "./refuse.ts";

/** Elements along an axis replaced by weighted sums of them; `matrix` is `[out, in]`. */
export function alongAxis(x: Tensor, axis: number, matrix: Float32Array): Tensor {
  const from = x.shape[axis]!;
  const to = matrix.length / from;
  const last = x.shape.length - 1;
  const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const moved = axis === last ? x : transpose(x, order);
  const rows = reshape(moved, [sizeOf(x.shape) / from, from]);
  const made = reshape(gemm(rows, constant(matrix, [to, from]), { transB: true }), [...moved.shape.slice(0, -1), to]);
  return axis === last ? made : transpose(made, order);
}

/** Where element `i` of the output lies among those of the input, in float32: half of a rounding error decides at an edge. */
type Place = (i: number, lengths: { readonly from: number; readonly to: number; readonly scale: number }) => number;

const places: Readonly<Record<string, Place>> = {
  half_pixel: (i, { scale }) => Math.fround(Math.fround((i + 0.5) / scale) - 0.5),
  pytorch_half_pixel: (i, { to, scale }) => (to > 1 ? Math.fround(Math.fround((i + 0.5) / scale) - 0.5) : 0),
  align_corners: (i, { from, to }) => (to === 1 ? 0 : Math.fround((i * (from - 1)) / (to - 1))),
  asymmetric: (i, { scale }) => Math.fround(i / scale),
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Weights of the four neighbours of a place, of which the second is `t` before it (Keys, 1981). */
function cubic(t: number, a: number): number[] {
  const near = (s: number) => ((a + 2) * s - (a + 3)) * s * s + 1;
  const far = (s: number) => ((a * s - 5 * a) * s + 8 * a) * s - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/** What a way of interpolating takes of the input at a place: weights of elements, from `first` on. */
function tapsOf(attributes: Attributes): (x: number) => { first: number; weights: readonly number[] } {
  const mode = attributes.text("mode", "nearest");
  if (mode === "nearest") {
    const name = attributes.text("nearest_mode", "round_prefer_floor");
    const round = roundings[name] ?? refuse(`it rounds in the way ${name}, which is not known here`);
    return (x) => ({ first: round(x), weights: [1] });
  }
  if (mode === "linear")
    return (x) => ({ first: Math.floor(x), weights: [1 - (x - Math.floor(x)), x - Math.floor(x)] });
  if (mode !== "cubic") return refuse(`it resizes in the way ${mode}, which is not known here`);
  const a = attributes.float("cubic_coeff_a", -0.75);
  return (x) => ({ first: Math.floor(x) - 1, weights: cubic(x - Math.floor(x), a) });
}

/** The matrix `[to, from]` of one axis. Elements beyond the edge are those at it, unless they are left out. */
function matrixOf(attributes: Attributes, lengths: { from: number; to: number; scale: number }): Float32Array {
  const { from, to } = lengths;
  const transformation = attributes.text("coordinate_transformation_mode", "half_pixel");
  const place = places[transformation] ?? refuse(`it resizes by ${transformation}, which is not known here`);
  const taps = tapsOf(attributes);
  const leaveOut = attributes.int("exclude_outside", 0) === 1;
  checkSize([to, from]);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const { first, weights } = taps(place(i, lengths));
    const inside = weights.map((w, k) => (leaveOut && (first + k < 0 || first + k >= from) ? 0 : w));
    const sum = inside.reduce((a, b) => a + b, 0);
    inside.forEach((w, k) => {
      const at = Math.min(from - 1, Math.max(0, first + k));
      matrix[i * from + at]! += w / sum;
    });
  }
  return matrix;
}

/** What a Resize is given besides the image: factors, or sizes, of some axes. */
export interface ResizeOptions {
  readonly attributes: Attributes;
  readonly scales: readonly number[] | undefined;
  readonly sizes: readonly number[] | undefined;
}

/** Resizes. */
export function resize(x: Tensor, { attributes, scales, sizes }: ResizeOptions): Tensor {
  if (attributes.int("antialias", 0) === 1) return refuse("it resizes with antialiasing, which is not known here");
  if (attributes.text("keep_aspect_ratio_policy", "stretch") !== "stretch")
    return refuse("it resizes by an aspect ratio, which is not known here");
  const axes = attributes.ints("axes")?.map((axis) => axisOf(axis, x.shape.length)) ?? x.shape.map((_, i) => i);
  let result = x;
  axes.forEach((axis, k) => {
    const from = x.shape[axis]!;
    const to = sizes?.[k] ?? Math.floor(from * (scales?.[k] ?? refuse("it resizes to no size")));
    if (to === from) return;
    result = alongAxis(result, axis, matrixOf(attributes, { from, to, scale: scales?.[k] ?? to / from }));
  });
  return result;
}

/** Sums of the elements up to each, as a matrix `[n, n]`; `exclusive` leaves out its own, `reverse` goes from the end. */
export function runningSums(n: number, { exclusive, reverse }: { exclusive: boolean; reverse: boolean }): Float32Array {
  checkSize([n, n]);
  return Float32Array.from({ length: n * n }, (_, i) => {
    const [to, from] = [Math.floor(i / n), i % n];
    const before = reverse ? from > to : from < to;
    return before || (from === to && !exclusive) ? 1 : 0;
  });
}
