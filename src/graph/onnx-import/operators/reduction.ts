/** ONNX's operators along axes: reductions, softmax, cumulative sums, global pools. */

import { reduceSum } from "../../ops/broadcast.ts";
import { cast, mul, neg, sqrt } from "../../ops/elementwise.ts";
import { reduceMax, reduceMean } from "../../ops/reduce.ts";
import { reshape, transpose } from "../../ops/shape.ts";
import { logSoftmax, softmax } from "../../ops/softmax.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";
import { axisOf } from "../attributes.ts";
import type { BoundNode } from "../bound-node.ts";
import { elementAt } from "../refuse.ts";
import { alongAxis, cumulativeSumMatrix } from "../resample.ts";
import { type Operator, type OperatorTable, rankOf, sizeAlong, spatialOf, unary } from "./operator.ts";

/**
 * The axes of a reduction, counted from 0: an attribute, or an input from version 13 or 18 on. None
 * given stand for all of them, or for none where the node says so (`noop_with_empty_axes`).
 */
export function reducedAxes({ attributes, numbersOr }: BoundNode, rank: number): number[] {
  const axes = numbersOr(1, "axes");
  if (axes === undefined || axes.length === 0)
    return attributes.int("noop_with_empty_axes", 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i);
  return axes.map((axis) => axisOf(axis, rank));
}

const reduction =
  (build: (x: Tensor, options: { axes: readonly number[]; keepDims: boolean }) => Tensor): Operator =>
  (node) => {
    const x = node.tensor(0);
    const axes = reducedAxes(node, rankOf(x));
    return build(x, { axes, keepDims: node.attributes.int("keepdims", 1) === 1 });
  };

/** Softmax along any axis; before version 13, over this and all later axes at once. */
const softmaxLike =
  (build: (x: Tensor) => Tensor): Operator =>
  ({ tensor, attributes, opset }) => {
    const x = tensor(0);
    const last = rankOf(x) - 1;
    const axis = axisOf(attributes.int("axis", opset < 13 ? 1 : -1), rankOf(x));
    if (opset < 13) {
      const rows = sizeOf(x.shape.slice(0, axis));
      return reshape(build(reshape(x, [rows, sizeOf(x.shape) / rows])), x.shape);
    }
    if (axis === last) return build(x);
    const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
    return transpose(build(transpose(x, order)), order);
  };

/** Sums of the elements up to each one, as a product with a triangular matrix. */
function cumulativeSum({ tensor, requiredNumbers, attributes }: BoundNode): Tensor {
  const x = tensor(0);
  const axis = axisOf(elementAt(requiredNumbers(1), 0), rankOf(x));
  const matrix = cumulativeSumMatrix(sizeAlong(x, axis), {
    exclusive: attributes.int("exclusive", 0) === 1,
    reverse: attributes.int("reverse", 0) === 1,
  });
  return cast(alongAxis(cast(x, "float32"), axis, matrix), x.dtype);
}

/** The operators of this family. */
export const reductionOperators: OperatorTable = {
  CumSum: cumulativeSum,
  GlobalAveragePool: unary((x) => reduceMean(x, { axes: spatialOf(x), keepDims: true })),
  GlobalMaxPool: unary((x) => reduceMax(x, { axes: spatialOf(x), keepDims: true })),
  LogSoftmax: softmaxLike(logSoftmax),
  ReduceL2: reduction((x, options) => sqrt(reduceSum(mul(x, x), options))),
  ReduceMax: reduction(reduceMax),
  ReduceMean: reduction(reduceMean),
  ReduceMin: reduction((x, options) => neg(reduceMax(neg(x), options))),
  ReduceSum: reduction(reduceSum),
  ReduceSumSquare: reduction((x, options) => reduceSum(mul(x, x), options)),
  Softmax: softmaxLike(softmax),
};
