/** Max and average pooling over the spatial axes of `[batch, channels, …]`. */

import { MAX_FLOAT32 } from "../float32.ts";
import { tapsOf } from "../lowering/conv-weight-gradient.ts";
import {
  apply,
  constant,
  describe,
  type Op,
  type Shape,
  sameShape,
  shapeError,
  sizeOf,
  type Tensor,
} from "../tensor.ts";
import { inputAdjoint } from "./conv.ts";
import { equal, indicator, mul, sub } from "./elementwise.ts";
import { concat, pad, reshape, slice, weaveParts } from "./shape.ts";

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
  infer: ([x], pool) => [{ shape: pooledShape("maxPool", x!, pool), dtype: "float32" }],
  onnx: (pool, [x]) => ({ type: "MaxPool", attributes: poolNode(pool, x!.shape.length - 2) }),
  gradient: ({ inputs: [x], outputs: [y], attributes }, [g]) => [toMaxima(x!, y!, g!, attributes)],
};

/**
 * The gradient of the maximum y of tensors, which goes to the first of equals as in PyTorch: each is compared with the maximum
 * and takes what earlier ones have left, the last one all of it.
 */
function shares(xs: readonly Tensor[], y: Tensor, g: Tensor): Tensor[] {
  const parts: Tensor[] = [];
  let left = g;
  for (const x of xs.slice(0, -1)) {
    const taken = mul(indicator(equal(x, y)), left);
    parts.push(taken);
    left = sub(left, taken);
  }
  return [...parts, left];
}

const maximumOp: Op<object> = {
  name: "maximum",
  infer: (xs) => {
    const [first] = xs;
    if (!xs.every((x) => sameShape(x.shape, first!.shape)))
      throw shapeError("maximum", `shapes of ${xs.map(describe).join(", ")} differ`);
    return [first!];
  },
  onnx: () => ({ type: "Max" }),
  gradient: ({ inputs, outputs: [y] }, [g]) => shares(inputs, y!, g!),
};

/** The largest of tensors of one shape, element by element. */
export const maximum = (xs: readonly Tensor[]): Tensor => apply(maximumOp, xs, {})[0]!;

/**
 * Sends each window's gradient to the position of its maximum. ONNX's MaxPool can name that position, but not on every device,
 * and is slower when it has to.
 */
function toMaxima(x: Tensor, y: Tensor, g: Tensor, { kernel, stride, padding }: Pool): Tensor {
  const [batch, channels] = x.shape as [number, number];
  const spatial = x.shape.slice(2);
  const axes = spatial.map((_, i) => i + 2);
  const size = y.shape.slice(2);
  const padded = pad(x, { axes, before: axes.map(() => padding), after: axes.map(() => padding), value: -MAX_FLOAT32 });
  const taps = tapsOf(spatial.map(() => kernel));
  const shifted = taps.map((tap) =>
    slice(padded, {
      axes,
      starts: tap,
      ends: tap.map((t, i) => t + (size[i]! - 1) * stride + 1),
      steps: axes.map(() => stride),
    }),
  );
  const parts = shares(shifted, y, g);
  if (stride === kernel && padding === 0) {
    // The windows tile the input, but for a rest at the end.
    const tiled = weaveParts(
      parts,
      axes.map(() => kernel),
    );
    const rest = spatial.map((d, i) => d - size[i]! * kernel);
    return pad(tiled, {
      axes,
      before: axes.map(() => 0),
      after: rest,
    });
  }
  // Tap k as a kernel that is 1 at k and 0 elsewhere: a transposed convolution adds up what overlaps.
  const one = new Float32Array(taps.length ** 2);
  for (let k = 0; k < taps.length; k++) one[k * (taps.length + 1)] = 1;
  const home = constant(one, [taps.length, 1, ...spatial.map(() => kernel)]);
  const routed = concat(
    parts.map((part) => reshape(part, [batch * channels, 1, ...size])),
    1,
  );
  return reshape(inputAdjoint(routed, home, { stride, padding, groups: 1, spatial }), x.shape);
}

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
