/**
 * Resize: one axis after another, each by a product with the matrix of its interpolation. Also
 * cumulative sums, which are a product with a triangular matrix.
 */
import { gemm } from "../ops/linear.ts";
import { reshape, transpose } from "../ops/shape.ts";
import { constant, sizeOf, type Tensor } from "../tensor.ts";
import { type Attributes, axisOf } from "./attributes.ts";
import { checkMade } from "./constants.ts";
import { elementAt, refuse } from "./refuse.ts";

/** Multiplies along an axis by a matrix `[out, in]`. */
export function alongAxis(x: Tensor, axis: number, matrix: Float32Array): Tensor {
  const from = elementAt(x.shape, axis);
  const to = matrix.length / from;
  const last = x.shape.length - 1;
  const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const moved = axis === last ? x : transpose(x, order);
  const rows = reshape(moved, [sizeOf(x.shape) / from, from]);
  const products = gemm(rows, constant(matrix, [to, from]), { transB: true });
  const result = reshape(products, [...moved.shape.slice(0, -1), to]);
  return axis === last ? result : transpose(result, order);
}

/** Sizes of an axis before and after, and the factor between them. */
interface AxisScale {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/**
 * The position of output element `i` among the input's. In float32, as ONNX Runtime computes it:
 * where a position falls on an edge, the rounding decides.
 */
type Coordinate = (i: number, axis: AxisScale) => number;

const coordinates: Readonly<Record<string, Coordinate>> = {
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

/** Weights of the four neighbours of a position, `t` after the second one (Keys, 1981). */
function cubic(t: number, a: number): number[] {
  const near = (s: number) => ((a + 2) * s - (a + 3)) * s * s + 1;
  const far = (s: number) => ((a * s - 5 * a) * s + 8 * a) * s - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/** Input elements that make one output element: their weights, from element `first` on. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** The interpolation that a node asks for, as a function of the position. */
function tapsOf(attributes: Attributes): (x: number) => Taps {
  const mode = attributes.text("mode", "nearest");
  if (mode === "nearest") {
    const name = attributes.text("nearest_mode", "round_prefer_floor");
    const round = roundings[name] ?? refuse(`it rounds by ${name}, which is not supported`);
    return (x) => ({ first: round(x), weights: [1] });
  }
  if (mode === "linear")
    return (x) => ({ first: Math.floor(x), weights: [1 - (x - Math.floor(x)), x - Math.floor(x)] });
  if (mode !== "cubic") return refuse(`it resizes in the mode ${mode}, which is not supported`);
  const a = attributes.float("cubic_coeff_a", -0.75);
  return (x) => ({ first: Math.floor(x) - 1, weights: cubic(x - Math.floor(x), a) });
}

/** The matrix `[to, from]` of one axis. Taps beyond an edge take the element at it, or count 0. */
function matrixOf(attributes: Attributes, axis: AxisScale): Float32Array {
  const { from, to } = axis;
  const transformation = attributes.text("coordinate_transformation_mode", "half_pixel");
  const coordinate = coordinates[transformation] ?? refuse(`it resizes by ${transformation}, which is not supported`);
  const taps = tapsOf(attributes);
  const leaveOut = attributes.int("exclude_outside", 0) === 1;
  checkMade([to, from]);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const { first, weights } = taps(coordinate(i, axis));
    const inside = weights.map((w, k) => (leaveOut && (first + k < 0 || first + k >= from) ? 0 : w));
    const sum = inside.reduce((a, b) => a + b, 0);
    inside.forEach((w, k) => {
      const at = i * from + Math.min(from - 1, Math.max(0, first + k));
      matrix[at] = elementAt(matrix, at) + w / sum;
    });
  }
  return matrix;
}

/** What a Resize needs besides the image: a factor or a size for each of its axes. */
export interface ResizeOptions {
  readonly attributes: Attributes;
  readonly scales: readonly number[] | undefined;
  readonly sizes: readonly number[] | undefined;
}

/**
 * ONNX's Resize.
 * @throws UserError `E_CHECKPOINT` for antialiasing, aspect-ratio policies and unknown modes.
 */
export function resize(x: Tensor, { attributes, scales, sizes }: ResizeOptions): Tensor {
  if (attributes.int("antialias", 0) === 1) return refuse("it resizes with antialiasing, which is not supported");
  if (attributes.text("keep_aspect_ratio_policy", "stretch") !== "stretch")
    return refuse("it resizes by an aspect-ratio policy, which is not supported");
  const axes = attributes.ints("axes")?.map((axis) => axisOf(axis, x.shape.length)) ?? x.shape.map((_, i) => i);
  let result = x;
  axes.forEach((axis, k) => {
    const from = elementAt(x.shape, axis);
    const to = sizes?.[k] ?? Math.floor(from * (scales?.[k] ?? refuse("it has a Resize without sizes")));
    if (to === from) return;
    result = alongAxis(result, axis, matrixOf(attributes, { from, to, scale: scales?.[k] ?? to / from }));
  });
  return result;
}

/**
 * The matrix `[n, n]` that sums the elements up to each one.
 * @param options.exclusive leaves out the element itself.
 * @param options.reverse sums from the end.
 */
export function cumulativeSumMatrix(
  n: number,
  { exclusive, reverse }: { readonly exclusive: boolean; readonly reverse: boolean },
): Float32Array {
  checkMade([n, n]);
  return Float32Array.from({ length: n * n }, (_, i) => {
    const [to, from] = [Math.floor(i / n), i % n];
    const before = reverse ? from > to : from < to;
    return before || (from === to && !exclusive) ? 1 : 0;
  });
}
