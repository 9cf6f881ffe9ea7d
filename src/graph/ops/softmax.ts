/** Softmax and its logarithm along the last axis. */
import { apply, type Op, type Tensor } from "../tensor.ts";
import { reduceSum } from "./broadcast.ts";
import { exp, mul, sub } from "./elementwise.ts";

const softmaxOp: Op<[Tensor]> = {
  name: "softmax",
  infer: ([x]) => [x],
  onnx: () => ({ type: "Softmax", attributes: { axis: -1 } }),
  gradient: ({ outputs: [y] }, [g]) => [mul(y, sub(g, reduceSum(mul(g, y), { axes: [-1], keepDims: true })))],
};

/** e^x / Σ e^x along the last axis. */
export const softmax = (x: Tensor): Tensor => apply(softmaxOp, [x], {})[0];

const logSoftmaxOp: Op<[Tensor]> = {
  name: "logSoftmax",
  infer: ([x]) => [x],
  onnx: () => ({ type: "LogSoftmax", attributes: { axis: -1 } }),
  gradient: ({ outputs: [y] }, [g]) => [sub(g, mul(exp(y), reduceSum(g, { axes: [-1], keepDims: true })))],
};

/** x − ln Σ e^x along the last axis. */
export const logSoftmax = (x: Tensor): Tensor => apply(logSoftmaxOp, [x], {})[0];
