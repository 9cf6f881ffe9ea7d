/** Max and average pooling over the spatial axes of `[batch, channels, …]`. */
import { apply, constant, describe, type Op, type Shape, shapeError, sizeOf, type Tensor } from "../tensor.ts";
import { inputAdjoint } from "./conv.ts";
import { reshape } from "./shape.ts";

interface Pool {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export interface PoolOptions {
  kernel: number;
  /** The kernel by default. */
  stride?: number;
  padding?: number;
}

function pooledShape(name: string, x: Tensor, { kernel, stride, padding }: Pool): Shape {
  if (x.shape.length < 3 || 2 * padding > kernel)
    throw shapeError(name, `kernel ${kernel}, padding ${padding} on ${describe(x)}`);
  const spatial = x.shape.slice(2).map((d) => Math.floor((d + 2 * padding - kernel) / stride) + 1);
  if (spatial.some((d) => d < 1)) throw shapeError(name, `input ${describe(x)} is smaller than kernel ${kernel}`);
  return [...x.shape.slice(0, 2), ...spatial];
}

const poolNode = ({ kernel, stride, padding }: Pool, rank: number) => ({
  kernel_shape: Array(rank).fill(kernel) as number[],
  strides: Array(rank).fill(stride) as number[],
  pads: Array(2 * rank).fill(padding) as number[],
});

const maxPoolOp: Op<Pool> = {
  name: "maxPool",
  infer: ([x], pool) => {
    const shape = pooledShape("maxPool", x!, pool);
    return [
      { shape, dtype: "float32" },
      { shape, dtype: "int64" },
    ];
  },
  onnx: (pool, [x]) => ({ type: "MaxPool", attributes: poolNode(pool, x!.shape.length - 2) }),
  // Each gradient goes to the position that was the maximum (the first of equals, as in PyTorch), and adds up there
  // where windows overlap.
  gradient: ({ inputs: [x], outputs: [, indices], attributes: { kernel, stride } }, [g]) => [
    apply(scatterOp, [g!, indices!], { shape: x!.shape, overlapping: stride < kernel })[0],
  ],
};

const scatterOp: Op<{ shape: Shape; overlapping: boolean }> = {
  name: "scatter",
  infer: (_, { shape }) => [{ shape, dtype: "float32" }],
  lower: ([g, indices], { shape, overlapping }) => {
    const zeros = constant(new Float32Array(sizeOf(shape)), [sizeOf(shape)]);
    const flat = [sizeOf(g!.shape)];
    const scattered = apply(scatterElementsOp, [zeros, reshape(indices!, flat), reshape(g!, flat)], {
      overlapping,
    })[0]!;
    return [reshape(scattered, shape)];
  },
};

const scatterElementsOp: Op<{ overlapping: boolean }> = {
  name: "scatterElements",
  infer: ([data]) => [data!],
  onnx: ({ overlapping }) => ({
    type: "ScatterElements",
    attributes: { axis: 0, reduction: overlapping ? "add" : "none" },
  }),
};

/** Largest value of each window; padding counts as minus infinity. */
export const maxPool = (x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor =>
  apply(maxPoolOp, [x], { kernel, stride, padding })[0]!;

const avgPoolOp: Op<Pool> = {
  name: "avgPool",
  infer: ([x], pool) => [{ shape: pooledShape("avgPool", x!, pool), dtype: "float32" }],
  onnx: (pool, [x]) => ({
    type: "AveragePool",
    attributes: { ...poolNode(pool, x!.shape.length - 2), count_include_pad: 1 },
  }),
  // Averaging is a convolution of each channel with one constant kernel.
  gradient: ({ inputs: [x], attributes: { kernel, stride, padding } }, [g]) => {
    const spatial = x!.shape.slice(2);
    const window = [1, 1, ...spatial.map(() => kernel)];
    const average = constant(new Float32Array(sizeOf(window)).fill(1 / sizeOf(window)), window);
    const planes = reshape(g!, [g!.shape[0]! * g!.shape[1]!, 1, ...g!.shape.slice(2)]);
    return [reshape(inputAdjoint(planes, average, { stride, padding, groups: 1, spatial }), x!.shape)];
  },
};

/** Mean of each window; zeros of the padding count, as in PyTorch's default. */
export const avgPool = (x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor =>
  apply(avgPoolOp, [x], { kernel, stride, padding })[0]!;
