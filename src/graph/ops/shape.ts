/**
 * Ops that move elements and compute nothing: reshape, transpose, slice, pad, concatenate and
 * split.
 */
import { at } from "../../lookup.ts";
import {
  apply,
  constant,
  describe,
  integers,
  type Op,
  type Shape,
  sameShape,
  scalar,
  shapeError,
  sizeOf,
  type Tensor,
} from "../tensor.ts";

const reshapeOp: Op<[Tensor], { shape: Shape }> = {
  name: "reshape",
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape))
      throw shapeError("reshape", `${describe(x)} has not the size of [${shape.join(", ")}]`);
    return [{ shape, dtype: x.dtype }];
  },
  onnx: ({ shape }) => ({ type: "Reshape", constants: [integers(shape)] }),
  gradient: ({ inputs: [x] }, [g]) => [reshape(g, x.shape)],
};

/** The same elements in row-major order under another shape. */
export const reshape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape })[0];

const transposeOp: Op<[Tensor], { order: readonly number[] }> = {
  name: "transpose",
  infer: ([x], { order }) => {
    const sorted = order.toSorted((a, b) => a - b);
    if (order.length !== x.shape.length || sorted.some((axis, i) => axis !== i))
      throw shapeError("transpose", `[${order.join(", ")}] does not order the axes of ${describe(x)}`);
    return [{ shape: order.map((axis) => at(x.shape, axis)), dtype: x.dtype }];
  },
  onnx: ({ order }) => ({ type: "Transpose", attributes: { perm: order } }),
  gradient: ({ attributes: { order } }, [g]) => {
    const back = order.map((_, i) => order.indexOf(i));
    return [transpose(g, back)];
  },
};

/** Runs of axes of more than one element that stay together, in the order of the result. */
function runsOf(shape: Shape, order: readonly number[]): number[][] {
  const kept = shape.flatMap((d, axis) => (d === 1 ? [] : [axis]));
  const runs: number[][] = [];
  for (const axis of order.filter((a) => shape[a] !== 1)) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && kept.indexOf(axis) === kept.indexOf(last) + 1) run.push(axis);
    else runs.push([axis]);
  }
  return runs;
}

/**
 * Axis i of the result is axis `order[i]` of x. Axes that stay together move as one, and axes of
 * size 1 do not move: ONNX Runtime's Transpose handles each axis separately and is up to four times
 * slower with idle axes.
 */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const [{ shape }] = transposeOp.infer([x], { order });
  const runs = runsOf(x.shape, order);
  if (runs.length < 2) return reshape(x, shape);
  const from = runs.toSorted((a, b) => at(a, 0) - at(b, 0));
  const merged = from.map((run) => sizeOf(run.map((axis) => at(x.shape, axis))));
  const moved = apply(transposeOp, [reshape(x, merged)], { order: runs.map((run) => from.indexOf(run)) })[0];
  return reshape(moved, shape);
}

interface Window {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

const sliceOp: Op<[Tensor], Window> = {
  name: "slice",
  infer: ([x], { axes, starts, ends, steps }) => {
    const shape = [...x.shape];
    axes.forEach((axis, i) => {
      const size = x.shape[axis];
      const [start, end, step] = [at(starts, i), at(ends, i), at(steps, i)];
      if (size === undefined || start < 0 || end > size || start >= end || step < 1)
        throw shapeError("slice", `${start}:${end}:${step} along axis ${axis} of ${describe(x)}`);
      shape[axis] = Math.ceil((end - start) / step);
    });
    return [{ shape, dtype: x.dtype }];
  },
  onnx: ({ axes, starts, ends, steps }) => ({ type: "Slice", constants: [starts, ends, axes, steps].map(integers) }),
  gradient: ({ inputs: [x], attributes: { axes, starts, steps } }, [g]) => {
    // Undo the steps by spreading the gradient apart with zeros, then pad it to the input's size.
    let spread = g;
    axes.forEach((axis, i) => {
      const step = at(steps, i);
      if (step === 1) return;
      const size = at(spread.shape, axis);
      const apart = reshape(spread, spread.shape.toSpliced(axis, 1, size, 1));
      const padded = pad(apart, { axes: [axis + 1], before: [0], after: [step - 1] });
      const joined = reshape(padded, spread.shape.with(axis, size * step));
      spread = slice(joined, { axes: [axis], starts: [0], ends: [(size - 1) * step + 1] });
    });
    const after = axes.map((axis, i) => at(x.shape, axis) - at(starts, i) - at(spread.shape, axis));
    return [pad(spread, { axes, before: starts, after })];
  },
};

export interface SliceOptions {
  axes: readonly number[];
  starts: readonly number[];
  ends: readonly number[];
  /** 1 by default. */
  steps?: readonly number[];
}

/** Elements `start`, `start + step`, … below `end` along each named axis. */
export function slice(x: Tensor, { axes, starts, ends, steps = axes.map(() => 1) }: SliceOptions): Tensor {
  const whole = axes.every((axis, i) => starts[i] === 0 && ends[i] === x.shape[axis] && steps[i] === 1);
  return whole ? x : apply(sliceOp, [x], { axes, starts, ends, steps })[0];
}

export interface PadOptions {
  readonly axes: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The value that is added; 0 by default. */
  readonly value?: number;
}

const padOp: Op<[Tensor], PadOptions> = {
  name: "pad",
  infer: ([x], { axes, before, after }) => {
    const shape = [...x.shape];
    axes.forEach((axis, i) => {
      const [size, low, high] = [shape[axis], at(before, i), at(after, i)];
      if (size === undefined || low < 0 || high < 0)
        throw shapeError("pad", `axis ${axis} of ${describe(x)} by ${low}, ${high}`);
      shape[axis] = size + low + high;
    });
    return [{ shape, dtype: x.dtype }];
  },
  // Lists every axis: ONNX Runtime moves transpositions through a Pad as if it had no list of axes.
  onnx: ({ axes, before, after, value = 0 }, [x]) => {
    const everywhere = (amounts: readonly number[]) => x.shape.map((_, axis) => amounts[axes.indexOf(axis)] ?? 0);
    return { type: "Pad", constants: [integers([...everywhere(before), ...everywhere(after)]), scalar(value)] };
  },
  gradient: ({ inputs: [x], attributes: { axes, before } }, [g]) => [
    slice(g, { axes, starts: before, ends: axes.map((axis, i) => at(before, i) + at(x.shape, axis)) }),
  ],
};

/** Adds zeros, or another value, before and after along each named axis. */
export const pad = (x: Tensor, padding: PadOptions): Tensor =>
  [...padding.before, ...padding.after].every((n) => n === 0) ? x : apply(padOp, [x], padding)[0];

/** Inputs: the tensors to join; see `concat`. */
export const concatOp: Op<readonly [Tensor, ...Tensor[]], { axis: number }> = {
  name: "concat",
  infer: (xs, { axis }) => {
    const [first] = xs;
    const joins = (x: Tensor) => x.dtype === first.dtype && sameShape(x.shape.with(axis, 0), first.shape.with(axis, 0));
    if (!xs.every(joins)) throw shapeError("concat", `${xs.map(describe).join(", ")} do not join along axis ${axis}`);
    const length = xs.reduce((sum, x) => sum + at(x.shape, axis), 0);
    return [{ shape: first.shape.with(axis, length), dtype: first.dtype }];
  },
  onnx: ({ axis }) => ({ type: "Concat", attributes: { axis } }),
  gradient: ({ inputs, attributes: { axis } }, [g], wanted) => {
    let start = 0;
    return inputs.map((x, i) => {
      const end = start + at(x.shape, axis);
      const part = wanted[i] ? slice(g, { axes: [axis], starts: [start], ends: [end] }) : undefined;
      start = end;
      return part;
    });
  },
};

/** Joins tensors, at least one, along an axis. */
export function concat(xs: readonly Tensor[], axis: number): Tensor {
  const [first, ...others] = xs;
  if (first === undefined) throw shapeError("concat", "there is nothing to join");
  return others.length === 0 ? first : apply(concatOp, [first, ...others], { axis })[0];
}

/** Outputs: the parts, in order; see `split`. */
export const splitOp: Op<[Tensor], { axis: number; sizes: readonly number[] }, readonly Tensor[]> = {
  name: "split",
  infer: ([x], { axis, sizes }) => {
    if (sizes.reduce((a, b) => a + b, 0) !== x.shape[axis])
      throw shapeError("split", `${describe(x)} into [${sizes.join(", ")}] along axis ${axis}`);
    return sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }));
  },
  // Slices cost as much as ONNX's Split, which is limited to about ten parts on WebGPU.
  compose: ([x], { axis, sizes }) => {
    let end = 0;
    return sizes.map((size) => slice(x, { axes: [axis], starts: [end], ends: [(end += size)] }));
  },
  gradient: ({ outputs, attributes: { axis } }, gs) => {
    const parts = outputs.map((y, i) => gs[i] ?? constant(new Float32Array(sizeOf(y.shape)), y.shape));
    return [concat(parts, axis)];
  },
};

/** Cuts a tensor into parts of the given sizes along an axis. */
export const split = (x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] =>
  sizes.length === 1 && sizes[0] === x.shape[axis] ? [x] : apply(splitOp, [x], { axis, sizes });

/** Cuts a flat vector `[size]` into tensors of the given shapes, one after another. */
export const unpack = (flat: Tensor, shapes: readonly Shape[]): Tensor[] =>
  split(flat, shapes.map(sizeOf), 0).map((part, i) => reshape(part, at(shapes, i)));

/** Joins the elements of tensors in a flat vector: the inverse of `unpack`. */
export function pack(parts: readonly Tensor[]): Tensor {
  const flat = parts.map((t) => reshape(t, [sizeOf(t.shape)]));
  return concat(flat, 0);
}

/** Rows and columns of matrices `[…, n, m]` exchanged. */
export function transposed(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(x, [...Array(rank).keys()].with(rank - 2, rank - 1).with(rank - 1, rank - 2));
}
