/**
 * Convolutions and their two adjoints by values at points, tile by tile along one or two axes. With inputs, weights
 * and results at the points x̂ = D x, ŵ = G w and ŷ = A y, each direction is a product for every point between them, here of channels:
 *
 *     y = Aᵀ(x̂ ŵ)    x = Dᵀ(ŷ ŵ)    w = Gᵀ(ŷ x̂)
 *
 * and a training step computes each of the three but once. All of it is matrix products, those with D, G and A as well.
 */

import { matMul, matMulByTransposed, transposed } from "../ops/linear.ts";
import { reduceSum } from "../ops/reduce.ts";
import { reshape, transpose } from "../ops/shape.ts";
import { constant, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { ConvGeometry } from "./conv-weight-gradient.ts";
import { algorithmFor, type Rows } from "./toom-cook.ts";

/** How a convolution is computed by points. What there is of each axis is listed by axis. */
export interface Plan {
  readonly points: readonly number[];
  readonly tiles: readonly number[];
  /** From inputs, `[points × tiles, size]`. */
  readonly d: readonly Tensor[];
  /** From results, `[points × tiles, results]`. */
  readonly a: readonly Tensor[];
  /** From the weight, `[points of all axes, taps]`. */
  readonly g: Tensor;
  readonly size: Shape;
  readonly kernel: Shape;
  readonly results: Shape;
}

/** Below this, additions and copies take what products save. */
const MIN_CHANNELS = 64;
/** For fewer rows of tiles, bringing the weight to the points takes what they save. */
const MIN_ROWS = 32;

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
    channels >= MIN_CHANNELS &&
    size.reduce((sum, n) => sum + n, 0) <= channels &&
    results.every((n) => n >= 4);
  if (!worthwhile) return undefined;
  const name = JSON.stringify([size, kernel, padding]);
  const plan = plans.get(name) ?? planned(size, kernel, padding);
  plans.set(name, plan);
  return sizeOf(plan.tiles) * batch < MIN_ROWS ? undefined : plan;
}

/** One for each shape, so that calls of the same shape share their matrices. */
const plans = new Map<string, Plan>();

function planned(size: Shape, kernel: Shape, padding: number): Plan {
  const [taps] = kernel as [number];
  const results = size.map((n) => n + 2 * padding - taps + 1);
  const algorithms = results.map((n) => algorithmFor(taps, n));
  const tiles = results.map((n, axis) => Math.ceil(n / algorithms[axis]!.results));
  const laid = (name: "a" | "d", lengths: Shape, first: number) =>
    algorithms.map(({ [name]: rows, results: step }, axis) =>
      tiled(rows, { tiles: tiles[axis]!, step, first, length: lengths[axis]! }),
    );
  return {
    points: algorithms.map(({ g }) => g.length),
    tiles,
    d: laid("d", size, -padding),
    a: laid("a", results, 0),
    g: matrix(algorithms.map(({ g }) => g).reduce(kronecker)),
    ...{ size, kernel, results },
  };
}

const matrix = (rows: Rows): Tensor => constant(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

const kronecker = (a: Rows, b: Rows): Rows =>
  a.flatMap((left) => b.map((right) => left.flatMap((v) => right.map((u) => v * u))));

interface Tiling {
  readonly tiles: number;
  readonly step: number;
  readonly first: number;
  readonly length: number;
}

/** Each row once for every tile along an axis of `length` positions, of which tile t begins at `first + t × step`. */
const tiled = (rows: Rows, { tiles, step, first, length }: Tiling): Tensor =>
  matrix(
    rows.flatMap((row) =>
      Array.from({ length: tiles }, (_, t) => Array.from({ length }, (_, at) => row[at - first - t * step] ?? 0)),
    ),
  );

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
function rowsOf(values: Tensor, { points, tiles }: Plan, [batch, channels]: Shape): Tensor {
  const leading = points.flatMap((n, axis) => [n, tiles[axis]!]);
  return reshape(values, [...leading.slice(0, -1), leading.at(-1)! * batch!, channels!]);
}

const inputsAt = (x: Tensor, plan: Plan): Tensor => rowsOf(toPoints(plan.d, x), plan, x.shape);
const resultsAt = (y: Tensor, plan: Plan): Tensor => rowsOf(toPoints(plan.a, y), plan, y.shape);

/** The weight at the points, for all tiles: `[points, 1, points, out, in]`. */
function weightAt(w: Tensor, { points, g, kernel }: Plan): Tensor {
  const leading = points.flatMap((n) => [n, 1]).slice(0, -1);
  const [out, into] = w.shape as [number, number];
  return reshape(toPoints([g], reshape(w, [out, into, sizeOf(kernel)])), [...leading, out, into]);
}

/** Convolution of x `[batch, in, …]` with w `[out, in, …]`: `[batch, out, …]`. */
export function convByPoints(x: Tensor, w: Tensor, plan: Plan): Tensor {
  const [batch, out] = [x.shape[0]!, w.shape[0]!];
  const values = matMulByTransposed(inputsAt(x, plan), weightAt(w, plan));
  return reshape(fromPoints(plan.a, values, batch * out), [batch, out, ...plan.results]);
}

/** Its gradient towards x, from y `[batch, out, …]`. */
export function inputAdjointByPoints(y: Tensor, w: Tensor, plan: Plan): Tensor {
  const [batch, into] = [y.shape[0]!, w.shape[1]!];
  const values = matMul(resultsAt(y, plan), weightAt(w, plan));
  return reshape(fromPoints(plan.d, values, batch * into), [batch, into, ...plan.size]);
}

/** Its gradient towards w, from x and y. */
export function weightAdjointByPoints(x: Tensor, y: Tensor, plan: Plan): Tensor {
  const [out, into] = [y.shape[1]!, x.shape[1]!];
  const products = matMul(transposed(resultsAt(y, plan)), inputsAt(x, plan));
  const values = plan.tiles.length === 1 ? products : reduceSum(products, { axes: [1] });
  return reshape(fromPoints([plan.g], values, out * into), [out, into, ...plan.kernel]);
}
