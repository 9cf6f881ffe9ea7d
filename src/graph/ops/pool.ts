/** Max and average pooling over the spatial axes of `[batch, channels, …]`. */

import { at } from "../../lookup.ts";
import { MAX_FLOAT32 } from "../float32.ts";
import {
  apply,
  constant,
  describe,
  type Op,
  type Shape,
  sameShape,
  shapeError,
  sizeOf,
  spatialAxes,
  spatialOf,
  type Tensor,
} from "../tensor.ts";
import { inputAdjoint } from "./conv.ts";
import { equal, indicator, mul, sub } from "./elementwise.ts";
import { interleave } from "./interleave.ts";
import { tapsOf } from "./kernel.ts";
import { concat, pad, reshape, slice } from "./shape.ts";

interface Pool {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Options of a pooling. */
export interface PoolOptions {
  /** Size of the windows along every spatial axis. */
  kernel: number;
  /** The kernel by default. */
  stride?: number;
  /** At both ends of every spatial axis; 0 by default, at most half the kernel. */
  padding?: number;
}

function pooledShape(name: string, x: Tensor, { kernel, stride, padding }: Pool): Shape {
  if (x.shape.length < 3 || 2 * padding > kernel)
    throw shapeError(name, `kernel ${kernel}, padding ${padding} on ${describe(x)}`);
  const spatial = spatialOf(x).map((d) => Math.floor((d + 2 * padding - kernel) / stride) + 1);
  if (spatial.some((d) => d < 1)) throw shapeError(name, `input ${describe(x)} is smaller than kernel ${kernel}`);
  return [...x.shape.slice(0, 2), ...spatial];
}

const poolNode = ({ kernel, stride, padding }: Pool, rank: number) => ({
  kernel_shape: Array(rank).fill(kernel) as number[],
  strides: Array(rank).fill(stride) as number[],
  pads: Array(2 * rank).fill(padding) as number[],
});

const maxPoolOp: Op<[Tensor], Pool> = {
  name: "maxPool",
  infer: ([x], pool) => [{ shape: pooledShape("maxPool", x, pool), dtype: "float32" }],
  onnx: (pool, [x]) => ({ type: "MaxPool", attributes: poolNode(pool, x.shape.length - 2) }),
  gradient: ({ inputs: [x], outputs: [y], attributes }, [g]) => [toMaxima(x, y, g, attributes)],
};

/**
 * The gradient of the maximum y of tensors. It goes to the first of equals, as in PyTorch: each
 * tensor is compared with the maximum and takes what earlier ones have left; the last takes all
 * that is left.
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

const maximumOp: Op<readonly [Tensor, ...Tensor[]]> = {
  name: "maximum",
  infer: (xs) => {
    const [first] = xs;
    if (!xs.every((x) => sameShape(x.shape, first.shape)))
      throw shapeError("maximum", `shapes of ${xs.map(describe).join(", ")} differ`);
    return [first];
  },
  onnx: () => ({ type: "Max" }),
  gradient: ({ inputs, outputs: [y] }, [g]) => shares(inputs, y, g),
};

/** The largest of tensors of one shape, at least one, element by element. */
export function maximum(xs: readonly Tensor[]): Tensor {
  const [first, ...others] = xs;
  if (first === undefined) throw shapeError("maximum", "there is nothing to compare");
  return apply(maximumOp, [first, ...others], {})[0];
}

/**
 * Sends each window's gradient to the position of its maximum. ONNX's MaxPool can output that
 * position, but not on every device, and is slower when it does.
 */
function toMaxima(x: Tensor, y: Tensor, g: Tensor, { kernel, stride, padding }: Pool): Tensor {
  const spatial = spatialOf(x);
  const axes = spatialAxes(x);
  const [size, window] = [spatialOf(y), spatial.map(() => kernel)];
  const margin = axes.map(() => padding);
  const padded = pad(x, { axes, before: margin, after: margin, value: -MAX_FLOAT32 });
  const taps = tapsOf(window);
  const shifted = taps.map((tap) => {
    const ends = tap.map((t, i) => t + (at(size, i) - 1) * stride + 1);
    return slice(padded, { axes, starts: tap, ends, steps: axes.map(() => stride) });
  });
  const parts = shares(shifted, y, g);
  if (stride === kernel && padding === 0) {
    // The windows tile the input, except for a rest at the end.
    const rest = spatial.map((d, i) => d - at(size, i) * kernel);
    return pad(interleave(parts, window), { axes, before: axes.map(() => 0), after: rest });
  }
  // Tap k as a kernel that is 1 at k and 0 elsewhere: a transposed convolution adds up what
  // overlaps.
  const one = new Float32Array(taps.length ** 2);
  for (let k = 0; k < taps.length; k++) one[k * (taps.length + 1)] = 1;
  const home = constant(one, [taps.length, 1, ...window]);
  const planes = at(x.shape, 0) * at(x.shape, 1);
  const routed = concat(
    parts.map((part) => reshape(part, [planes, 1, ...size])),
    1,
  );
  return reshape(inputAdjoint(routed, home, { stride, padding, groups: 1, spatial }), x.shape);
}

/** Largest value of each window; padding counts as minus infinity. */
export const maxPool = (x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor =>
  apply(maxPoolOp, [x], { kernel, stride, padding })[0];

const avgPoolOp: Op<[Tensor], Pool> = {
  name: "avgPool",
  infer: ([x], pool) => [{ shape: pooledShape("avgPool", x, pool), dtype: "float32" }],
  onnx: (pool, [x]) => ({
    type: "AveragePool",
    attributes: { ...poolNode(pool, x.shape.length - 2), count_include_pad: 1 },
  }),
  // Averaging is a convolution of each channel with one constant kernel.
  gradient: ({ inputs: [x], attributes: { kernel, stride, padding } }, [g]) => {
    const spatial = spatialOf(x);
    const window = [1, 1, ...spatial.map(() => kernel)];
    const average = constant(new Float32Array(sizeOf(window)).fill(1 / sizeOf(window)), window);
    const planes = reshape(g, [at(g.shape, 0) * at(g.shape, 1), 1, ...spatialOf(g)]);
    return [reshape(inputAdjoint(planes, average, { stride, padding, groups: 1, spatial }), x.shape)];
  },
};

/** Mean of each window; zeros of the padding count, as in PyTorch's default. */
export const avgPool = (x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor =>
  apply(avgPoolOp, [x], { kernel, stride, padding })[0];
