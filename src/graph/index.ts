/**
 * Differentiable ONNX graphs: tensors, ops, gradients, and their encoding as a model.
 * @example
 * const x = input("x", [4]);
 * const y = reduceSum(mul(x, x), { axes: [0] });
 * const [dx] = gradients(y, [x]);
 * const { bytes } = encode({ y, dx }); // an ONNX model
 * @module
 */

export { at } from "../lookup.ts";
export { type Cost, cost } from "./cost.ts";
export { type Encoded, encode } from "./encode.ts";
export { MAX_FLOAT32 } from "./float32.ts";
export { gradients } from "./gradients.ts";
export type { LowerOptions } from "./lowering/lower.ts";
export { pooledConv } from "./lowering/pool-fusion.ts";
export { unbatchableOps, vmap } from "./lowering/vmap.ts";
export { type InstantiateOptions, instantiate, knownOperators } from "./onnx-import/instantiate.ts";
export { type ModelInitialiser, type OnnxModel, type ParseOptions, parseOnnx } from "./onnx-import/model.ts";
export { isTensorName } from "./onnx-import/named-values.ts";
export { type BatchNormalised, batchNorm } from "./ops/batch-norm.ts";
export { expand, type ReduceOptions, reduceSum } from "./ops/broadcast.ts";
export { type ConvOptions, type ConvTransposeOptions, conv, convTranspose } from "./ops/conv.ts";
export {
  add,
  cast,
  clip,
  cos,
  div,
  elu,
  equal,
  erf,
  exp,
  gelu,
  greater,
  leakyRelu,
  log,
  mul,
  neg,
  type Operand,
  reciprocal,
  relu,
  sigmoid,
  silu,
  sin,
  sqrt,
  sub,
  tanh,
  where,
} from "./ops/elementwise.ts";
export { gather, oneHot } from "./ops/gather.ts";
export { type GemmOptions, gemm, matMul } from "./ops/linear.ts";
export { type LoopOptions, loop } from "./ops/loop.ts";
export { avgPool, maxPool, type PoolOptions } from "./ops/pool.ts";
export { argMax, reduceMax, reduceMean } from "./ops/reduce.ts";
export { concat, pack, pad, reshape, slice, split, transpose, unpack } from "./ops/shape.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { type Standardised, standardise } from "./ops/standardise.ts";
export { type Partition, partition } from "./partition.ts";
export {
  type ArrayOf,
  type Call,
  constant,
  type DType,
  describe,
  input,
  type Loop,
  type Op,
  type Shape,
  sameShape,
  scalar,
  shapeError,
  sizeOf,
  type Tensor,
  type Tensors,
  type TensorType,
  within,
} from "./tensor.ts";
export {
  isRunningVariance,
  isStatistic,
  type LayerKind,
  type StatisticKind,
  statisticNamed,
  type TensorKind,
} from "./tensor-kind.ts";
export { dependents, leaves, rewrite, topological } from "./traverse.ts";
