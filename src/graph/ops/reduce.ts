/** Sums, means and maxima over axes. */
import { apply, describe, integers, type Op, type Shape, shapeError, sizeOf, type Tensor } from "../tensor.ts";
import { cast, div, equal, indicator, mul } from "./elementwise.ts";
import { expand, reshape } from "./shape.ts";

export interface ReduceOptions {
  /** Which axes to reduce; negative ones count from the end. All by default. */
  axes?: readonly number[];
  /** Keep reduced axes with size 1. */
  keepDims?: boolean;
}

interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const keptShape = (shape: Shape, axes: readonly number[]): Shape => shape.map((d, i) => (axes.includes(i) ? 1 : d));

/** Spreads a reduced gradient over the shape that was reduced. */
const spread = (g: Tensor, shape: Shape, axes: readonly number[]): Tensor =>
  expand(reshape(g, keptShape(shape, axes)), shape);

function reduction(
  type: string,
  gradient: NonNullable<Op<Reduction>["gradient"]>,
): (x: Tensor, options?: ReduceOptions) => Tensor {
  const name = type.charAt(0).toLowerCase() + type.slice(1);
  const op: Op<Reduction> = {
    name,
    infer: ([x], { axes, keepDims }) => {
      if (axes.some((a) => a < 0 || a >= x!.shape.length)) throw shapeError(name, `axes [${axes}] of ${describe(x!)}`);
      const shape = keepDims ? keptShape(x!.shape, axes) : x!.shape.filter((_, i) => !axes.includes(i));
      return [{ shape, dtype: x!.dtype }];
    },
    onnx: ({ axes, keepDims }) => ({ type, attributes: { keepdims: keepDims ? 1 : 0 }, constants: [integers(axes)] }),
    gradient,
  };
  return (x, { axes = x.shape.map((_, i) => i), keepDims = false } = {}) => {
    const positive = axes.map((a) => (a < 0 ? a + x.shape.length : a));
    if (positive.length === 0) return x;
    return apply(op, [x], { axes: positive, keepDims })[0]!;
  };
}

export const reduceSum = reduction("ReduceSum", ({ inputs: [x], attributes: { axes } }, [g]) => [
  spread(g!, x!.shape, axes),
]);

export const reduceMean = reduction("ReduceMean", ({ inputs: [x], outputs: [y], attributes: { axes } }, [g]) => [
  spread(mul(g!, sizeOf(y!.shape) / sizeOf(x!.shape)), x!.shape, axes),
]);

/** Largest value over axes; the gradient is shared evenly between equal maxima. */
export const reduceMax = reduction("ReduceMax", ({ inputs: [x], outputs: [y], attributes: { axes } }, [g]) => {
  const hit = indicator(equal(x!, spread(y!, x!.shape, axes)));
  const shared = div(reshape(g!, keptShape(x!.shape, axes)), reduceSum(hit, { axes, keepDims: true }));
  return [mul(hit, shared)];
});

const argMaxOp: Op<{ axis: number }> = {
  name: "argMax",
  infer: ([x], { axis }) => {
    if (x!.shape[axis] === undefined) throw shapeError("argMax", `axis ${axis} of ${describe(x!)}`);
    return [{ shape: x!.shape.filter((_, i) => i !== axis), dtype: "int64" }];
  },
  onnx: ({ axis }) => ({ type: "ArgMax", attributes: { axis, keepdims: 0 } }),
};

/** Index of the largest value along an axis (the first of equals), int32. Not differentiable. */
export const argMax = (x: Tensor, axis: number): Tensor =>
  cast(apply(argMaxOp, [x], { axis: axis < 0 ? axis + x.shape.length : axis })[0]!, "int32");
