/** Means and maxima over axes, and the index of the largest value. Sums are in `broadcast.ts`. */
import { apply, describe, type Op, shapeError, sizeOf, type Tensor } from "../tensor.ts";
import { keptShape, reduceSum, reduction, spread } from "./broadcast.ts";
import { cast, div, equal, indicator, mul } from "./elementwise.ts";
import { reshape } from "./shape.ts";

/** Mean over axes. */
export const reduceMean = reduction("ReduceMean", ({ inputs: [x], outputs: [y], attributes: { axes } }, [g]) => [
  spread(mul(g, sizeOf(y.shape) / sizeOf(x.shape)), x.shape, axes),
]);

/** Largest value over axes; the gradient is shared evenly between equal maxima. */
export const reduceMax = reduction("ReduceMax", ({ inputs: [x], outputs: [y], attributes: { axes } }, [g]) => {
  const hit = indicator(equal(x, spread(y, x.shape, axes)));
  const shared = div(reshape(g, keptShape(x.shape, axes)), reduceSum(hit, { axes, keepDims: true }));
  return [mul(hit, shared)];
});

const argMaxOp: Op<[Tensor], { axis: number }> = {
  name: "argMax",
  infer: ([x], { axis }) => {
    if (x.shape[axis] === undefined) throw shapeError("argMax", `axis ${axis} of ${describe(x)}`);
    return [{ shape: x.shape.filter((_, i) => i !== axis), dtype: "int64" }];
  },
  onnx: ({ axis }) => ({ type: "ArgMax", attributes: { axis, keepdims: 0 } }),
};

/**
 * Index of the largest value along an axis (the first of equals), int32. Not differentiable.
 * @param axis a negative one counts from the end.
 */
export const argMax = (x: Tensor, axis: number): Tensor =>
  cast(apply(argMaxOp, [x], { axis: axis < 0 ? axis + x.shape.length : axis })[0], "int32");
