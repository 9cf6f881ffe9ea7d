/** Repeating a tensor along axes and summing over them: each is the gradient of the other. */
import { apply, describe, integers, type Op, type Shape, sameShape, shapeError, type Tensor } from "../tensor.ts";
import { reshape } from "./shape.ts";

const expandOp: Op<[Tensor], { shape: Shape }> = {
  name: "expand",
  infer: ([x], { shape }) => {
    const fits = x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i] || d === 1);
    if (!fits) throw shapeError("expand", `${describe(x)} does not expand to [${shape.join(", ")}]`);
    return [{ shape, dtype: x.dtype }];
  },
  onnx: ({ shape }) => ({ type: "Expand", constants: [integers(shape)] }),
  gradient: ({ inputs: [x] }, [g]) => [sumTo(g, x.shape)],
};

/** Repeats axes of size 1 up to `shape`, of the same rank. */
export const expand = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply(expandOp, [x], { shape })[0];

/** Which axes a reduction is over. */
export interface ReduceOptions {
  /** The axes to reduce; negative ones count from the end. All by default. */
  axes?: readonly number[];
  /** Keep reduced axes with size 1; no by default. */
  keepDims?: boolean;
}

interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** A shape with the reduced axes kept as 1. */
export const keptShape = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((d, i) => (axes.includes(i) ? 1 : d));

/** Spreads a reduced gradient over the shape that was reduced. */
export const spread = (g: Tensor, shape: Shape, axes: readonly number[]): Tensor =>
  expand(reshape(g, keptShape(shape, axes)), shape);

/**
 * Defines a reduction over axes.
 * @param type the ONNX node's type; the op's name begins with a small letter.
 */
export function reduction(
  type: string,
  gradient: NonNullable<Op<[Tensor], Reduction>["gradient"]>,
): (x: Tensor, options?: ReduceOptions) => Tensor {
  const name = type.charAt(0).toLowerCase() + type.slice(1);
  const op: Op<[Tensor], Reduction> = {
    name,
    infer: ([x], { axes, keepDims }) => {
      if (axes.some((a) => a < 0 || a >= x.shape.length)) throw shapeError(name, `axes [${axes}] of ${describe(x)}`);
      const shape = keepDims ? keptShape(x.shape, axes) : x.shape.filter((_, i) => !axes.includes(i));
      return [{ shape, dtype: x.dtype }];
    },
    onnx: ({ axes, keepDims }) => ({ type, attributes: { keepdims: keepDims ? 1 : 0 }, constants: [integers(axes)] }),
    gradient,
  };
  return (x, { axes = x.shape.map((_, i) => i), keepDims = false } = {}) => {
    const positive = axes.map((a) => (a < 0 ? a + x.shape.length : a));
    return positive.length === 0 ? x : apply(op, [x], { axes: positive, keepDims })[0];
  };
}

/** Sum over axes. */
export const reduceSum = reduction("ReduceSum", ({ inputs: [x], attributes: { axes } }, [g]) => [
  spread(g, x.shape, axes),
]);

/** Sums a gradient over the axes along which its operand was broadcast to reach its shape. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.shape.length - shape.length;
  const axes = g.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  const summed = axes.length === 0 ? g : reduceSum(g, { axes, keepDims: true });
  return sameShape(summed.shape, shape) ? summed : reshape(summed, shape);
}
