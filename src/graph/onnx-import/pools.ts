/** Pools of ONNX in terms of ours, which have one side, one stride and one padding for all axes. */
import { mul } from "../ops/elementwise.ts";
import { avgPool, maxPool } from "../ops/pool.ts";
import { reduceMax, reduceMean } from "../ops/reduce.ts";
import { pad } from "../ops/shape.ts";
import { constant, type Tensor } from "../tensor.ts";
import type { Attributes } from "./attributes.ts";
import { refuse } from "./refuse.ts";
import { type Window, windowOf } from "./windows.ts";

/** The smallest float32: what padding is to a maximum. */
const LOWEST = -3.4028234663852886e38;

/** Sides of the result, and how much the input must be lengthened at the end where they are rounded up. */
function result({ kernel, strides, pads }: Window, input: readonly number[], up: boolean) {
  const room = input.map((d, i) => d + pads.before[i]! + pads.after[i]! - kernel[i]!);
  const sides = room.map((n, i) => {
    const whole = (up ? Math.ceil(n / strides[i]!) : Math.floor(n / strides[i]!)) + 1;
    // A window that would begin in the padding at the end is left out.
    return up && (whole - 1) * strides[i]! >= input[i]! + pads.before[i]! ? whole - 1 : whole;
  });
  const more = sides.map((n, i) => Math.max(0, (n - 1) * strides[i]! - room[i]!));
  return { sides, more };
}

const same = (values: readonly number[]): boolean => values.every((n) => n === values[0]);

interface Prepared {
  readonly window: Window;
  readonly more: readonly number[];
  /** The window covers the whole input at once. */
  readonly whole: boolean;
  readonly axes: readonly number[];
}

function prepare(x: Tensor, attributes: Attributes, name: string): Prepared {
  const input = x.shape.slice(2);
  const window = windowOf(attributes, undefined, input);
  const { sides, more } = result(window, input, attributes.int("ceil_mode", 0) === 1);
  if (window.dilations.some((d) => d !== 1)) refuse(`it has a ${name} with dilations, which is not known here`);
  const none = [...window.pads.before, ...window.pads.after, ...more].every((n) => n === 0);
  const whole = none && sides.every((n) => n === 1) && window.kernel.every((k, i) => k === input[i]);
  if (!whole && !(same(window.kernel) && same(window.strides)))
    refuse(`it has a ${name} whose sides or strides differ, which is not known here`);
  return { window, more, whole, axes: input.map((_, i) => i + 2) };
}

/** The greatest of each window. */
export function maximumPool(x: Tensor, attributes: Attributes): Tensor {
  const { window, more, whole, axes } = prepare(x, attributes, "MaxPool");
  if (whole) return reduceMax(x, { axes, keepDims: true });
  const { kernel, strides, pads } = window;
  const options = { kernel: kernel[0]!, stride: strides[0]! };
  if (more.every((n) => n === 0) && same([...pads.before, ...pads.after]) && 2 * pads.before[0]! <= kernel[0]!)
    return maxPool(x, { ...options, padding: pads.before[0]! });
  const after = pads.after.map((n, i) => n + more[i]!);
  return maxPool(pad(x, { axes, before: pads.before, after, value: LOWEST }), options);
}

/** The mean of each window, with or without the zeros of the padding. */
export function averagePool(x: Tensor, attributes: Attributes): Tensor {
  const { window, more, whole, axes } = prepare(x, attributes, "AveragePool");
  if (whole) return reduceMean(x, { axes, keepDims: true });
  const { kernel, strides, pads } = window;
  const options = { kernel: kernel[0]!, stride: strides[0]! };
  const none = [...pads.before, ...pads.after, ...more].every((n) => n === 0);
  if (none) return avgPool(x, options);
  const after = pads.after.map((n, i) => n + more[i]!);
  const means = avgPool(pad(x, { axes, before: pads.before, after }), options);
  // Each window's mean is over all its taps; those that count are as many as follow from its place.
  const counted = attributes.int("count_include_pad", 0) === 1 ? pads : undefined;
  const input = x.shape.slice(2);
  const shares = axes.map((axis, i) =>
    Array.from({ length: means.shape[axis]! }, (_, at) => {
      const start = at * strides[i]! - pads.before[i]!;
      const low = Math.max(start, counted ? -counted.before[i]! : 0);
      const high = Math.min(start + kernel[i]!, input[i]! + (counted ? counted.after[i]! : 0));
      return kernel[i]! / (high - low);
    }),
  );
  const factors = shares.reduce<number[]>((all, list) => all.flatMap((a) => list.map((b) => a * b)), [1]);
  if (factors.every((f) => f === 1)) return means;
  return mul(means, constant(Float32Array.from(factors), means.shape.slice(2)));
}
