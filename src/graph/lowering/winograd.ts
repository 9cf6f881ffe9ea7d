/**
 * Winograd convolution and its two gradients (Lavin and Gray, Fast Algorithms for Convolutional
 * Neural Networks, 2016), tile by tile along one or two axes, with the transforms of
 * `toom-cook.ts`. With inputs, weights and results in the transform domain, x̂ = D x, ŵ = G w and ŷ
 * = A y, each direction is for every point a product of matrices of channels:
 *
 *     y = Aᵀ(x̂ ŵ)    x = Dᵀ(ŷ ŵ)    w = Gᵀ(ŷ x̂)
 *
 * A training step transforms each of the three only once, because identical calls are merged. The
 * transforms are matrix products as well.
 */

import { at } from "../../lookup.ts";
import { reduceSum } from "../ops/broadcast.ts";
import { convOp, inputAdjointOp, weightAdjointOp, withBias } from "../ops/conv.ts";
import type { ConvGeometry } from "../ops/kernel.ts";
import { matMul, matMulByTransposed } from "../ops/linear.ts";
import { reshape, transpose, transposed } from "../ops/shape.ts";
import { constant, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { type LoweringContext, ruleFor } from "./rule.ts";
import { algorithmFor, type Rows } from "./toom-cook.ts";

/** The transforms of a convolution. Lists have an item for each axis. */
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

/** With fewer channels, additions and copies take longer than the saved products. */
const MIN_CHANNELS = 64;
/** With fewer rows of tiles, transforming the weight takes longer than the saved products. */
const MIN_ROWS = 32;

/**
 * The plan of a convolution that is faster this way on a CPU; undefined for others. It pays where
 * channels are many and axes are short: a point's product multiplies a number by as many others as
 * there are channels, the transform by as many as the axes are long. A step on one core of an AMD
 * EPYC, without and with: `v3` denoiser 473 and 290 ms (kernel 7, length 128), `v1` denoiser 285
 * and 166 (kernel 3, length 12), ResNet-18 at 32 × 32 1 425 and 1 000 (planes of 32 × 32 and 64
 * channels to 4 × 4 and 512).
 */
function planOf(
  { shape: x }: { shape: Shape },
  { shape: w }: { shape: Shape },
  { stride, padding, groups }: ConvGeometry,
  { target, shared }: LoweringContext,
): Plan | undefined {
  const [size, kernel] = [x.slice(2), w.slice(2)];
  const taps = at(kernel, 0);
  const channels = Math.min(at(w, 0), at(w, 1));
  const worthwhile =
    target === "cpu" &&
    stride === 1 &&
    groups === 1 &&
    kernel.every((k) => k === taps) &&
    (size.length === 1 ? taps >= 3 : size.length === 2 && taps === 3) &&
    channels >= MIN_CHANNELS &&
    size.reduce((sum, n) => sum + n, 0) <= channels &&
    size.every((n) => n + 2 * padding - taps + 1 >= 4);
  if (!worthwhile) return undefined;
  const plan = shared(`winograd ${JSON.stringify([size, kernel, padding])}`, () => planned(size, kernel, padding));
  return sizeOf(plan.tiles) * at(x, 0) < MIN_ROWS ? undefined : plan;
}

function planned(size: Shape, kernel: Shape, padding: number): Plan {
  const taps = at(kernel, 0);
  const results = size.map((n) => n + 2 * padding - taps + 1);
  const algorithms = results.map((n) => algorithmFor(taps, n));
  const tiles = results.map((n, axis) => Math.ceil(n / at(algorithms, axis).results));
  const laid = (name: "a" | "d", lengths: Shape, first: number) =>
    algorithms.map(({ [name]: rows, results: step }, axis) =>
      tiled(rows, { tiles: at(tiles, axis), step, first, length: at(lengths, axis) }),
    );
  return {
    points: algorithms.map(({ g }) => g.length),
    tiles,
    d: laid("d", size, -padding),
    a: laid("a", results, 0),
    g: matrix(algorithms.map(({ g }) => g).reduce(kronecker)),
    size,
    kernel,
    results,
  };
}

const matrix = (rows: Rows): Tensor => constant(Float32Array.from(rows.flat()), [rows.length, at(rows, 0).length]);

const kronecker = (a: Rows, b: Rows): Rows =>
  a.flatMap((left) => b.map((right) => left.flatMap((v) => right.map((u) => v * u))));

interface Tiling {
  readonly tiles: number;
  readonly step: number;
  readonly first: number;
  readonly length: number;
}

/**
 * Each row once for every tile along an axis of `length` positions. Tile t begins at
 * `first + t × step`.
 */
const tiled = (rows: Rows, { tiles, step, first, length }: Tiling): Tensor =>
  matrix(
    rows.flatMap((row) =>
      Array.from({ length: tiles }, (_, t) =>
        Array.from({ length }, (_, position) => row[position - first - t * step] ?? 0),
      ),
    ),
  );

/** Transforms tensors `[n, m, …positions]` to `[points × tiles, …, n × m]`. */
function transform(matrices: readonly Tensor[], x: Tensor): Tensor {
  const columns = at(x.shape, 0) * at(x.shape, 1);
  const [first, second] = [at(matrices, 0), matrices[1]];
  if (second === undefined) return matMul(first, transposed(reshape(x, [columns, at(first.shape, 1)])));
  // Whole rows are moved here, and transposed within the product.
  const rows = transpose(reshape(x, [columns, at(first.shape, 1), at(second.shape, 1)]), [1, 0, 2]);
  const once = matMul(reshape(second, [1, ...second.shape]), transposed(rows)); // [positions, points, columns]
  return matMul(first, reshape(once, [at(first.shape, 1), at(second.shape, 0) * columns]));
}

/** The adjoint of `transform`: from values at the points to `[n × m, …positions]`. */
function transformBack(matrices: readonly Tensor[], values: Tensor, columns: number): Tensor {
  const [first, second] = [at(matrices, 0), matrices[1]];
  if (second === undefined) return matMul(transposed(reshape(values, [at(first.shape, 0), columns])), first);
  const once = matMul(transposed(first), reshape(values, [at(first.shape, 0), at(second.shape, 0) * columns]));
  const rows = reshape(once, [at(first.shape, 1), at(second.shape, 0), columns]);
  return transpose(matMul(transposed(rows), reshape(second, [1, ...second.shape])), [1, 0, 2]);
}

/**
 * The operand of the products: `[points, tiles, points, tiles × batch,
 * channels]`, for one axis `[points, tiles × batch, channels]`.
 */
function rowsOf(values: Tensor, { points, tiles }: Plan, { shape }: Tensor): Tensor {
  const leading = points.flatMap((n, axis) => [n, at(tiles, axis)]);
  const rows = at(leading, leading.length - 1) * at(shape, 0);
  return reshape(values, [...leading.slice(0, -1), rows, at(shape, 1)]);
}

const transformInput = (x: Tensor, plan: Plan): Tensor => rowsOf(transform(plan.d, x), plan, x);
const transformResult = (y: Tensor, plan: Plan): Tensor => rowsOf(transform(plan.a, y), plan, y);

/** The transformed weight, the same for all tiles: `[points, 1, points, out, in]`. */
function transformWeight(w: Tensor, { points, g, kernel }: Plan): Tensor {
  const leading = points.flatMap((n) => [n, 1]).slice(0, -1);
  const channels = w.shape.slice(0, 2);
  return reshape(transform([g], reshape(w, [...channels, sizeOf(kernel)])), [...leading, ...channels]);
}

/** Convolution of x `[batch, in, …]` with w `[out, in, …]`: `[batch, out, …]`. */
export const winogradConv = ruleFor(convOp, ({ inputs: [x, w, bias], attributes }, context) => {
  const plan = planOf(x, w, attributes, context);
  if (plan === undefined) return undefined;
  const [batch, out] = [at(x.shape, 0), at(w.shape, 0)];
  const values = matMulByTransposed(transformInput(x, plan), transformWeight(w, plan));
  const y = reshape(transformBack(plan.a, values, batch * out), [batch, out, ...plan.results]);
  return withBias(y, bias);
});

/** The gradient towards x, from y `[batch, out, …]`. */
export const winogradInput = ruleFor(inputAdjointOp, ({ inputs: [y, w], attributes, outputs: [x] }, context) => {
  const plan = planOf(x, w, attributes, context);
  if (plan === undefined) return undefined;
  const [batch, into] = [at(y.shape, 0), at(w.shape, 1)];
  const values = matMul(transformResult(y, plan), transformWeight(w, plan));
  return reshape(transformBack(plan.d, values, batch * into), [batch, into, ...plan.size]);
});

/** The gradient towards w, from x and y. */
export const winogradWeight = ruleFor(weightAdjointOp, ({ inputs: [x, y], attributes, outputs: [w] }, context) => {
  const plan = planOf(x, w, attributes, context);
  if (plan === undefined) return undefined;
  const [out, into] = [at(y.shape, 1), at(x.shape, 1)];
  const products = matMul(transposed(transformResult(y, plan)), transformInput(x, plan));
  const values = plan.tiles.length === 1 ? products : reduceSum(products, { axes: [1] });
  return reshape(transformBack([plan.g], values, out * into), [out, into, ...plan.kernel]);
});
