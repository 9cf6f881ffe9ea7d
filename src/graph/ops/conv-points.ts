/**
 * Convolutions and their two adjoints by values at points, tile by tile along one or two axes. With inputs, weights
 * and results at the points x̂ = D x, ŵ = G w and ŷ = A y, each direction is a product for every point between them:
 *
 *     y = Aᵀ(x̂ ŵ)    x = Dᵀ(ŷ ŵ)    w = Gᵀ(ŷ x̂)
 *
 * and a training step computes each of the three but once. All of it is matrix products, those with D, G and A as well.
 */
import { constant, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { algorithmFor } from "./bilinear.ts";
import type { ConvGeometry } from "./conv-weight.ts";
import { matMul, matMulByTransposed, transposed } from "./linear.ts";
import { reduceSum } from "./reduce.ts";
import { reshape, transpose } from "./shape.ts";

/** How one axis is cut into tiles. Points and tiles make up the rows of its matrices. */
interface Axis {
  readonly points: number;
  readonly tiles: number;
  /** From inputs, `[points × tiles, size]`. */
  readonly d: Tensor;
  /** From results, `[points × tiles, results]`. */
  readonly a: Tensor;
}

/** How a convolution is computed by points. */
export interface Plan {
  readonly axes: readonly Axis[];
  /** From the weight, `[points of all axes, taps]`. */
  readonly g: Tensor;
  readonly size: Shape;
  readonly kernel: Shape;
  readonly results: Shape;
}

/** Below this, additions and copies take what products save. */
const FEWEST_CHANNELS = 64;
/** For fewer rows of tiles, bringing the weight to the points takes what they save. */
const FEWEST_ROWS = 32;

/**
 * The plan by which points are faster on a CPU, if any. They are where channels are many and axes are short, since a number is
 * multiplied by as many as there are channels in a product for a point, and by as many as the axes are long on the way there.
 * Steps on one core of an AMD EPYC, without and with: `v3` denoiser 473 and 290 ms (kernel 7, length 128), `v1` denoiser 285 and 166
 * (kernel 3, length 12), ResNet-18 at 32 × 32 1 425 and 1 000 (planes of 32 × 32 and 64 channels to 4 × 4 and 512).
 */
export function planOf(x: Shape, w: Shape, { stride, padding, groups }: ConvGeometry): Plan | undefined {
  const [batch, , ...size] = x as [number, number, ...number[]];
  const [out, into, ...kernel] = w as [number, number, ...number[]];
  const [taps] = kernel as [number];
  const results = size.map((n) => n + 2 * padding - taps + 1);
  const channels = Math.min(out, into);
  const worthwhile =
    stride === 1 &&
    groups === 1 &&
    kernel.every((k) => k === taps) &&
    (size.length === 1 ? taps >= 3 : size.length === 2 && taps === 3) &&
    channels >= FEWEST_CHANNELS &&
    size.reduce((sum, n) => sum + n, 0) <= channels &&
    results.every((n) => n >= 4);
  if (!worthwhile) return undefined;
  const name = JSON.stringify([size, kernel, padding]);
  const plan = plans.get(name) ?? planned(size, kernel, padding);
  plans.set(name, plan);
  return plan.axes.reduce((rows, { tiles }) => rows * tiles, batch) < FEWEST_ROWS ? undefined : plan;
}

/** One for each shape, so that calls of the same shape share their matrices. */
const plans = new Map<string, Plan>();

function planned(size: Shape, kernel: Shape, padding: number): Plan {
  const [taps] = kernel as [number];
  const results = size.map((n) => n + 2 * padding - taps + 1);
  const algorithms = results.map((n) => algorithmFor(taps, n));
  const axes = algorithms.map(({ results: most, a, d }, axis): Axis => {
    const tiles = Math.ceil(results[axis]! / most);
    return {
      points: a.length,
      tiles,
      d: tiled(d, { tiles, step: most, first: -padding, length: size[axis]! }),
      a: tiled(a, { tiles, step: most, first: 0, length: results[axis]! }),
    };
  });
  const g = algorithms.reduce<readonly (readonly number[])[]>((all, own) => kronecker(all, own.g), [[1]]);
  return { axes, g: matrix(g), size, kernel, results };
}

const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  constant(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

const kronecker = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.flatMap((left) => b.map((right) => left.flatMap((v) => right.map((u) => v * u))));

/** Each row once for every tile, where the tile lies along an axis of this length: tile t begins at `first + t × step`. */
function tiled(
  rows: readonly (readonly number[])[],
  { tiles, step, first, length }: { tiles: number; step: number; first: number; length: number },
): Tensor {
  const laid = rows.flatMap((row) =>
    Array.from({ length: tiles }, (_, t) =>
      Array.from({ length }, (_, position) => row[position - first - t * step] ?? 0),
    ),
  );
  return matrix(laid);
}

/** Tensors `[n, m, …positions]` at the points, `[points × tiles, …, n × m]`. */
function toPoints(matrices: readonly Tensor[], x: Tensor): Tensor {
  const columns = x.shape[0]! * x.shape[1]!;
  const [first, second] = matrices as [Tensor, Tensor | undefined];
  if (second === undefined) return matMul(first, transposed(reshape(x, [columns, first.shape[1]!])));
  // Whole rows are moved here, and transposed within the product.
  const rows = transpose(reshape(x, [columns, first.shape[1]!, second.shape[1]!]), [1, 0, 2]);
  const once = matMul(reshape(second, [1, ...second.shape]), transposed(rows)); // [positions, points, columns]
  return matMul(first, reshape(once, [first.shape[1]!, second.shape[0]! * columns]));
}

/** The adjoint of `toPoints`: from values at points to `[n × m, …positions]`. */
function fromPoints(matrices: readonly Tensor[], values: Tensor, columns: number): Tensor {
  const [first, second] = matrices as [Tensor, Tensor | undefined];
  if (second === undefined) return matMul(transposed(reshape(values, [first.shape[0]!, columns])), first);
  const once = matMul(transposed(first), reshape(values, [first.shape[0]!, second.shape[0]! * columns]));
  const rows = reshape(once, [first.shape[1]!, second.shape[0]!, columns]);
  return transpose(matMul(transposed(rows), reshape(second, [1, ...second.shape])), [1, 0, 2]);
}

/** As products take them: `[points, tiles, points, tiles × batch, channels]`, or `[points, tiles × batch, channels]` of one axis. */
function rowsOf(values: Tensor, { axes }: Plan, [batch, channels]: Shape): Tensor {
  const leading = axes.flatMap(({ points, tiles }) => [points, tiles]);
  return reshape(values, [...leading.slice(0, -1), leading.at(-1)! * batch!, channels!]);
}

const inputsAt = (x: Tensor, plan: Plan): Tensor =>
  rowsOf(
    toPoints(
      plan.axes.map(({ d }) => d),
      x,
    ),
    plan,
    x.shape,
  );

const resultsAt = (y: Tensor, plan: Plan): Tensor =>
  rowsOf(
    toPoints(
      plan.axes.map(({ a }) => a),
      y,
    ),
    plan,
    y.shape,
  );

/** The weight at the points, for all tiles: `[points, 1, points, out, in]`. */
function weightAt(w: Tensor, { axes, g, kernel }: Plan): Tensor {
  const leading = axes.flatMap(({ points }) => [points, 1]).slice(0, -1);
  const [out, into] = w.shape as [number, number];
  return reshape(toPoints([g], reshape(w, [out, into, sizeOf(kernel)])), [...leading, out, into]);
}

/** Convolution of x `[batch, in, …]` with w `[out, in, …]`: `[batch, out, …]`. */
export function convByPoints(x: Tensor, w: Tensor, plan: Plan): Tensor {
  const [batch, out] = [x.shape[0]!, w.shape[0]!];
  const values = matMulByTransposed(inputsAt(x, plan), weightAt(w, plan));
  const y = fromPoints(
    plan.axes.map(({ a }) => a),
    values,
    batch * out,
  );
  return reshape(y, [batch, out, ...plan.results]);
}

/** Its gradient towards x, from y `[batch, out, …]`. */
export function inputAdjointByPoints(y: Tensor, w: Tensor, plan: Plan): Tensor {
  const [batch, into] = [y.shape[0]!, w.shape[1]!];
  const values = matMul(resultsAt(y, plan), weightAt(w, plan));
  const x = fromPoints(
    plan.axes.map(({ d }) => d),
    values,
    batch * into,
  );
  return reshape(x, [batch, into, ...plan.size]);
}

/** Its gradient towards w, from x and y. */
export function weightAdjointByPoints(x: Tensor, y: Tensor, plan: Plan): Tensor {
  const [out, into] = [y.shape[1]!, x.shape[1]!];
  const products = matMul(transposed(resultsAt(y, plan)), inputsAt(x, plan));
  const values = plan.axes.length === 1 ? products : reduceSum(products, { axes: [1] });
  return reshape(fromPoints([plan.g], values, out * into), [out, into, ...plan.kernel]);
}
