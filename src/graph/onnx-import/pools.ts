/**
 * ONNX's pools in terms of the graph's own, which have one kernel side, one stride and one padding
 * for all axes.
 */
import { MAX_FLOAT32 } from "../float32.ts";
import { mul } from "../ops/elementwise.ts";
import { avgPool, maxPool } from "../ops/pool.ts";
import { reduceMax, reduceMean } from "../ops/reduce.ts";
import { pad } from "../ops/shape.ts";
import { constant, type Tensor } from "../tensor.ts";
import type { Attributes } from "./attributes.ts";
import { elementAt, refuse } from "./refuse.ts";
import { type AxisWindow, allEqual, windowsOf } from "./windows.ts";

/** A window along one axis, with what `ceil_mode` adds. */
interface PoolAxis extends AxisWindow {
  /** Size of the input. */
  readonly input: number;
  /** Padding at the end that a size rounded up needs beyond `after`. */
  readonly extra: number;
  /** Size of the result. */
  readonly output: number;
}

function poolAxis(window: AxisWindow, input: number, up: boolean): PoolAxis {
  const { kernel, stride, before, after } = window;
  const room = input + before + after - kernel;
  const whole = (up ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // ONNX drops a window that would begin in the padding at the end.
  const output = up && (whole - 1) * stride >= input + before ? whole - 1 : whole;
  return { ...window, input, output, extra: Math.max(0, (output - 1) * stride - room) };
}

interface Pool {
  readonly axes: readonly PoolAxis[];
  /** The numbers of the tensor's spatial axes. */
  readonly spatial: readonly number[];
  readonly kernel: number;
  readonly stride: number;
  /** Whether one window covers the whole input. */
  readonly isGlobal: boolean;
  readonly isPadded: boolean;
}

function poolOf(x: Tensor, attributes: Attributes, name: string): Pool {
  const input = x.shape.slice(2);
  const up = attributes.int("ceil_mode", 0) === 1;
  const axes = windowsOf(attributes, undefined, input).map((window, i) => poolAxis(window, elementAt(input, i), up));
  if (axes.some(({ dilation }) => dilation !== 1)) refuse(`it has a ${name} with dilations, which is not supported`);
  const isPadded = axes.some(({ before, after, extra }) => before !== 0 || after !== 0 || extra !== 0);
  const isGlobal = !isPadded && axes.every((axis) => axis.output === 1 && axis.kernel === axis.input);
  const [kernels, strides] = [axes.map(({ kernel }) => kernel), axes.map(({ stride }) => stride)];
  if (!isGlobal && !(allEqual(kernels) && allEqual(strides)))
    refuse(`it has a ${name} whose sides or strides differ, which is not supported`);
  return {
    axes,
    spatial: input.map((_, i) => i + 2),
    kernel: elementAt(kernels, 0),
    stride: elementAt(strides, 0),
    isGlobal,
    isPadded,
  };
}

/** The input with a pool's padding, filled with `value`. */
const padded = (x: Tensor, { axes, spatial }: Pool, value = 0): Tensor =>
  pad(x, {
    axes: spatial,
    before: axes.map(({ before }) => before),
    after: axes.map(({ after, extra }) => after + extra),
    value,
  });

/**
 * ONNX's MaxPool of `[batch, channels, …]`.
 * @throws UserError `E_CHECKPOINT` for dilations, and for sides or strides that differ.
 */
export function maximumPool(x: Tensor, attributes: Attributes): Tensor {
  const pool = poolOf(x, attributes, "MaxPool");
  const { axes, spatial, kernel, stride, isGlobal } = pool;
  if (isGlobal) return reduceMax(x, { axes: spatial, keepDims: true });
  const pads = axes.flatMap(({ before, after }) => [before, after]);
  const padding = elementAt(pads, 0);
  if (axes.every(({ extra }) => extra === 0) && allEqual(pads) && 2 * padding <= kernel)
    return maxPool(x, { kernel, stride, padding });
  return maxPool(padded(x, pool, -MAX_FLOAT32), { kernel, stride });
}

/**
 * ONNX's AveragePool of `[batch, channels, …]`, with or without the zeros of the padding.
 * @throws UserError `E_CHECKPOINT` for dilations, and for sides or strides that differ.
 */
export function averagePool(x: Tensor, attributes: Attributes): Tensor {
  const pool = poolOf(x, attributes, "AveragePool");
  const { axes, spatial, kernel, stride, isGlobal, isPadded } = pool;
  if (isGlobal) return reduceMean(x, { axes: spatial, keepDims: true });
  if (!isPadded) return avgPool(x, { kernel, stride });
  const means = avgPool(padded(x, pool), { kernel, stride });
  // A mean divides by all taps of its window, ONNX only by those that count.
  const countsPadding = attributes.int("count_include_pad", 0) === 1;
  const corrections = axes.map(({ before, after, input }, i) =>
    Array.from({ length: elementAt(means.shape, i + 2) }, (_, position) => {
      const start = position * stride - before;
      const low = Math.max(start, countsPadding ? -before : 0);
      const high = Math.min(start + kernel, input + (countsPadding ? after : 0));
      return kernel / (high - low);
    }),
  );
  const factors = corrections.reduce<number[]>((all, list) => all.flatMap((a) => list.map((b) => a * b)), [1]);
  if (factors.every((f) => f === 1)) return means;
  return mul(means, constant(Float32Array.from(factors), means.shape.slice(2)));
}
