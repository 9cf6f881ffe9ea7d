/** Moving elements without changing them: reshape, transpose, expand, slice, pad, concatenate, split, gather. */
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
import { cast, equal, indicator, sumTo } from "./elementwise.ts";
import { matMul } from "./linear.ts";

const reshapeOp: Op<{ shape: Shape }> = {
  name: "reshape",
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x!.shape))
      throw shapeError("reshape", `${describe(x!)} has not the size of [${shape.join(", ")}]`);
    return [{ shape, dtype: x!.dtype }];
  },
  onnx: ({ shape }) => ({ type: "Reshape", constants: [integers(shape)] }),
  gradient: ({ inputs: [x] }, [g]) => [reshape(g!, x!.shape)],
};

/** The same elements in row-major order under another shape. */
export const reshape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape })[0]!;

const transposeOp: Op<{ order: readonly number[] }> = {
  name: "transpose",
  infer: ([x], { order }) => {
    const sorted = order.toSorted((a, b) => a - b);
    if (order.length !== x!.shape.length || sorted.some((axis, i) => axis !== i))
      throw shapeError("transpose", `[${order.join(", ")}] does not order the axes of ${describe(x!)}`);
    return [{ shape: order.map((axis) => x!.shape[axis]!), dtype: x!.dtype }];
  },
  onnx: ({ order }) => ({ type: "Transpose", attributes: { perm: order } }),
  gradient: ({ attributes: { order } }, [g]) => [
    transpose(
      g!,
      order.map((_, i) => order.indexOf(i)),
    ),
  ],
};

/** Runs of axes of more than one element that stay together, in the order of the result. */
function runsOf(shape: Shape, order: readonly number[]): number[][] {
  const kept = shape.flatMap((d, axis) => (d === 1 ? [] : [axis]));
  const runs: number[][] = [];
  for (const axis of order.filter((a) => shape[a] !== 1)) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && kept.indexOf(axis) === kept.indexOf(last) + 1) runs.at(-1)!.push(axis);
    else runs.push([axis]);
  }
  return runs;
}

/**
 * Axis i of the result is axis `order[i]` of `x`. Axes that stay together move as one and those of size 1 not at all:
 * ONNX Runtime takes every axis as it comes, and is up to four times slower with idle ones.
 */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  transposeOp.infer([x], { order });
  const runs = runsOf(x.shape, order);
  const from = runs.toSorted(([a], [b]) => a! - b!);
  const shape = order.map((axis) => x.shape[axis]!);
  if (runs.length < 2) return reshape(x, shape);
  const merged = reshape(
    x,
    from.map((run) => sizeOf(run.map((axis) => x.shape[axis]!))),
  );
  const moved = apply(transposeOp, [merged], { order: runs.map((run) => from.indexOf(run)) })[0]!;
  return reshape(moved, shape);
}

const expandOp: Op<{ shape: Shape }> = {
  name: "expand",
  infer: ([x], { shape }) => {
    const fits = x!.shape.length === shape.length && x!.shape.every((d, i) => d === shape[i] || d === 1);
    if (!fits) throw shapeError("expand", `${describe(x!)} does not expand to [${shape.join(", ")}]`);
    return [{ shape, dtype: x!.dtype }];
  },
  onnx: ({ shape }) => ({ type: "Expand", constants: [integers(shape)] }),
  gradient: ({ inputs: [x] }, [g]) => [sumTo(g!, x!.shape)],
};

/** Repeats axes of size 1 up to `shape`, of the same rank. */
export const expand = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : apply(expandOp, [x], { shape })[0]!;

interface Window {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

const sliceOp: Op<Window> = {
  name: "slice",
  infer: ([x], { axes, starts, ends, steps }) => {
    const shape = [...x!.shape];
    axes.forEach((axis, i) => {
      const size = x!.shape[axis];
      if (size === undefined || starts[i]! < 0 || ends[i]! > size || starts[i]! >= ends[i]! || steps[i]! < 1)
        throw shapeError("slice", `${starts[i]}:${ends[i]}:${steps[i]} along axis ${axis} of ${describe(x!)}`);
      shape[axis] = Math.ceil((ends[i]! - starts[i]!) / steps[i]!);
    });
    return [{ shape, dtype: x!.dtype }];
  },
  onnx: ({ axes, starts, ends, steps }) => ({ type: "Slice", constants: [starts, ends, axes, steps].map(integers) }),
  gradient: ({ inputs: [x], attributes: { axes, starts, steps } }, [g]) => {
    // Undo the steps by spreading the gradient apart with zeros, then pad it to where it came from.
    let spread = g!;
    axes.forEach((axis, i) => {
      const step = steps[i]!;
      if (step === 1) return;
      const size = spread.shape[axis]!;
      const apart = reshape(spread, spread.shape.toSpliced(axis, 1, size, 1));
      const padded = pad(apart, { axes: [axis + 1], before: [0], after: [step - 1] });
      const joined = reshape(padded, spread.shape.with(axis, size * step));
      spread = slice(joined, { axes: [axis], starts: [0], ends: [(size - 1) * step + 1] });
    });
    const after = axes.map((axis, i) => x!.shape[axis]! - starts[i]! - spread.shape[axis]!);
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
  return whole ? x : apply(sliceOp, [x], { axes, starts, ends, steps })[0]!;
}

interface Padding {
  readonly axes: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** What is added; zeros by default. */
  readonly value?: number;
}

const padOp: Op<Padding> = {
  name: "pad",
  infer: ([x], { axes, before, after }) => {
    const shape = [...x!.shape];
    axes.forEach((axis, i) => {
      if (shape[axis] === undefined || before[i]! < 0 || after[i]! < 0)
        throw shapeError("pad", `axis ${axis} of ${describe(x!)} by ${before[i]}, ${after[i]}`);
      shape[axis]! += before[i]! + after[i]!;
    });
    return [{ shape, dtype: x!.dtype }];
  },
  // Every axis is named: ONNX Runtime moves transpositions through a pad as if it had no list of axes.
  onnx: ({ axes, before, after, value = 0 }, [x]) => {
    const everywhere = (amounts: readonly number[]) => x!.shape.map((_, axis) => amounts[axes.indexOf(axis)] ?? 0);
    return { type: "Pad", constants: [integers([...everywhere(before), ...everywhere(after)]), scalar(value)] };
  },
  gradient: ({ inputs: [x], attributes: { axes, before } }, [g]) => [
    slice(g!, { axes, starts: before, ends: axes.map((axis, i) => before[i]! + x!.shape[axis]!) }),
  ],
};

/** Adds zeros, or another value, before and after along each named axis. */
export const pad = (x: Tensor, padding: Padding): Tensor =>
  [...padding.before, ...padding.after].every((n) => n === 0) ? x : apply(padOp, [x], padding)[0]!;

const concatOp: Op<{ axis: number }> = {
  name: "concat",
  infer: (xs, { axis }) => {
    const [first] = xs;
    const joins = (x: Tensor) =>
      x.dtype === first!.dtype && sameShape(x.shape.with(axis, 0), first!.shape.with(axis, 0));
    if (!xs.every(joins)) throw shapeError("concat", `${xs.map(describe).join(", ")} do not join along axis ${axis}`);
    return [
      {
        shape: first!.shape.with(
          axis,
          xs.reduce((sum, x) => sum + x.shape[axis]!, 0),
        ),
        dtype: first!.dtype,
      },
    ];
  },
  onnx: ({ axis }) => ({ type: "Concat", attributes: { axis } }),
  lower: (xs, _, [{ shape } = xs[0]!], target) => {
    const joined = target !== "cpu" && shape.length === 1 ? joinedByRows(xs) : undefined;
    return joined && [joined];
  },
  gradient: ({ inputs, attributes: { axis } }, [g], wanted) => {
    let start = 0;
    return inputs.map((x, i) => {
      const end = start + x.shape[axis]!;
      const part = wanted[i] ? slice(g!, { axes: [axis], starts: [start], ends: [end] }) : undefined;
      start = end;
      return part;
    });
  },
};

/** Joins tensors along an axis. */
export const concat = (xs: readonly Tensor[], axis: number): Tensor =>
  xs.length === 1 ? xs[0]! : apply(concatOp, xs, { axis })[0]!;

const splitOp: Op<{ axis: number; sizes: readonly number[] }> = {
  name: "split",
  infer: ([x], { axis, sizes }) => {
    if (sizes.reduce((a, b) => a + b, 0) !== x!.shape[axis])
      throw shapeError("split", `${describe(x!)} into [${sizes.join(", ")}] along axis ${axis}`);
    return sizes.map((size) => ({ shape: x!.shape.with(axis, size), dtype: x!.dtype }));
  },
  // Slices cost the same as ONNX's Split, which through WebGPU is limited to about ten parts.
  lower: ([x], { axis, sizes }, _, target) => {
    const cut = target !== "cpu" && x!.shape.length === 1 ? cutByRows(x!, sizes) : undefined;
    if (cut !== undefined) return cut;
    let end = 0;
    return sizes.map((size) => slice(x!, { axes: [axis], starts: [end], ends: [(end += size)] }));
  },
  gradient: ({ outputs, attributes: { axis } }, gs) => [
    concat(
      outputs.map((y, i) => gs[i] ?? constant(new Float32Array(sizeOf(y.shape)), y.shape)),
      axis,
    ),
  ],
};

/** Cuts a tensor into parts of the given sizes along an axis. */
export const split = (x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] =>
  sizes.length === 1 && sizes[0] === x.shape[axis] ? [x] : apply(splitOp, [x], { axis, sizes });

/** How long a vector is at least that is joined and cut by rows, for which more nodes are needed. */
const LONG = 2 ** 16;
/** The lengths of rows that are tried. */
const ROWS = [1024, 512, 256, 128, 64, 32, 16, 8];

/** Parts that lie one after another, beginning where a row begins; the last of several ends where one ends, too. */
interface Run {
  readonly parts: readonly number[];
  readonly size: number;
}

/** Runs of parts of the given sizes, as short as they can be. */
function runsOfParts(sizes: readonly number[], row: number): Run[] {
  const runs: { parts: number[]; size: number }[] = [];
  for (const size of sizes) {
    const last = runs.at(-1);
    if (last === undefined || last.size % row === 0) runs.push({ parts: [size], size });
    else {
      last.parts.push(size);
      last.size += size;
    }
  }
  return runs;
}

/**
 * How a long vector is joined from parts, or cut into them: as rows of a matrix. ONNX Runtime's CUDA kernels for Concat and
 * Split make a table on the CPU in every run, one entry for each place along the axis: 90 ms each for the 11 million
 * parameters of ResNet-18 (NVIDIA H200), whose step takes 30 ms besides. Undefined where rows are no shorter.
 */
function byRows(sizes: readonly number[]): { readonly row: number; readonly runs: readonly Run[] } | undefined {
  const total = sizes.reduce((a, b) => a + b, 0);
  if (sizes.length < 3 || total < LONG) return undefined;
  const plans = ROWS.map((row) => {
    const runs = runsOfParts(sizes, row);
    const within = runs.filter(({ parts }) => parts.length > 1).reduce((sum, { size }) => sum + size, 0);
    return { row, runs, entries: total / row + within };
  });
  const best = plans.reduce((a, b) => (b.entries < a.entries ? b : a));
  return best.entries < total / 2 && best.runs.length > 1 ? best : undefined;
}

const upTo = (row: number, size: number): number => Math.ceil(size / row) * row;
const padded = (x: Tensor, size: number): Tensor => pad(x, { axes: [0], before: [0], after: [size - x.shape[0]!] });

/** Vectors joined by rows. */
function joinedByRows(xs: readonly Tensor[]): Tensor | undefined {
  const plan = byRows(xs.map(({ shape }) => shape[0]!));
  if (plan === undefined) return undefined;
  const { row, runs } = plan;
  let next = 0;
  const blocks = runs.map(({ parts, size }) => {
    const run = concat(xs.slice(next, (next += parts.length)), 0);
    return reshape(padded(run, upTo(row, size)), [upTo(row, size) / row, row]);
  });
  const joined = concat(blocks, 0);
  const size = xs.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return slice(reshape(joined, [sizeOf(joined.shape)]), { axes: [0], starts: [0], ends: [size] });
}

/** A vector cut by rows into parts of the given sizes. */
function cutByRows(x: Tensor, sizes: readonly number[]): Tensor[] | undefined {
  const plan = byRows(sizes);
  if (plan === undefined) return undefined;
  const { row, runs } = plan;
  const count = upTo(row, x.shape[0]!) / row;
  const rows = reshape(padded(x, count * row), [count, row]);
  let first = 0;
  return runs.flatMap(({ parts, size }) => {
    const block = slice(rows, { axes: [0], starts: [first], ends: [(first += upTo(row, size) / row)] });
    const run = reshape(block, [sizeOf(block.shape)]);
    let end = 0;
    return parts.map((part) => slice(run, { axes: [0], starts: [end], ends: [(end += part)] }));
  });
}

/** A flat vector `[size]` cut into tensors of the given shapes, one after another. */
export const unpack = (flat: Tensor, shapes: readonly Shape[]): Tensor[] =>
  split(flat, shapes.map(sizeOf), 0).map((part, i) => reshape(part, shapes[i]!));

/** Tensors laid one after another in a flat vector: the inverse of `unpack`. */
export const pack = (parts: readonly Tensor[]): Tensor =>
  concat(
    parts.map((t) => reshape(t, [sizeOf(t.shape)])),
    0,
  );

/**
 * Interleaves phases: `[batch, phases …, channels, positions …]` to `[batch, channels, positions × phases …]`, each with
 * `rank` axes of phases and of positions. In two steps, of which the first moves whole rows and the second swaps the
 * two innermost axes: ONNX Runtime does this three times as fast as one transposition.
 */
export function weave(x: Tensor, rank: number): Tensor {
  const batch = x.shape[0]!;
  const phases = x.shape.slice(1, 1 + rank);
  const [channels, ...positions] = x.shape.slice(1 + rank) as [number, ...number[]];
  const order = positions.flatMap((_, i) => [rank + 2 + i, 1 + i]);
  const rows = transpose(x, [0, rank + 1, ...order.slice(0, -2), ...order.slice(-2).toReversed()]);
  const innermost = [phases[rank - 1]!, positions[rank - 1]!];
  const swapped = swapInnermost(reshape(rows, [sizeOf(x.shape) / sizeOf(innermost), ...innermost]));
  return reshape(swapped, [batch, channels, ...positions.map((d, i) => d * phases[i]!)]);
}

/**
 * The same of phases that are tensors of their own, `[batch, channels, positions …]`, in row-major order. Along one and two axes
 * rows are laid side by side when they are put together, and need not be moved a second time: 5.0 ms for 6.5 of a step of the
 * 10 853-parameter CNN, of 31 in all.
 */
export function weaveParts(parts: readonly Tensor[], phases: Shape): Tensor {
  const [batch, channels, ...positions] = parts[0]!.shape as [number, number, ...number[]];
  const rank = phases.length;
  if (rank > 2) {
    const stack = concat(
      parts.map((part) => reshape(part, [batch, 1, channels, ...positions])),
      1,
    );
    return weave(reshape(stack, [batch, ...phases, channels, ...positions]), rank);
  }
  const phase = phases.at(-1)!;
  // A row may be laid out in pieces, which are swapped each by itself.
  const width = rank === 1 ? pieceOf(positions.at(-1)!, phase) : positions.at(-1)!;
  const rows = sizeOf(parts[0]!.shape) / width;
  const beside = concat(
    parts.map((part) => reshape(part, [rows, 1, width])),
    1,
  );
  const swapped = swapInnermost(reshape(beside, [(rows * parts.length) / phase, phase, width]));
  return reshape(swapped, [batch, channels, ...positions.map((d, i) => d * phases[i]!)]);
}

/** Rows of up to so many numbers are put into another order by a product. */
const SHORT_ROW = 64;

/** The largest equal pieces of a row of `width` that make short rows with as many of each other phase; the whole row if there are none. */
function pieceOf(width: number, phases: number): number {
  let piece = Math.min(width, Math.floor(SHORT_ROW / phases));
  while (piece > 1 && width % piece !== 0) piece--;
  return piece > 1 ? piece : width;
}

/**
 * `[rows, a, b]` to `[rows, b, a]`. Short rows by a product: for 61 440 of 2 × 15 it takes as long as a transposition with one
 * thread (1 ms), which with two takes 30, as ONNX Runtime (1.30) hands each row to its threads by itself.
 */
function swapInnermost(x: Tensor): Tensor {
  const [rows, a, b] = x.shape as [number, number, number];
  if (a * b > SHORT_ROW) return transpose(x, [0, 2, 1]);
  return reshape(
    permuted(reshape(x, [rows, a * b]), (i) => (i % a) * b + Math.floor(i / a)),
    [rows, b, a],
  );
}

/**
 * Rows `[rows, size]` in another order: element i of each is `from(i)` of the old one. A product with the matrix that
 * exchanges them is exact, as every sum has one term, and five times as fast as ONNX's Gather or a Slice with step −1.
 */
function permuted(rows: Tensor, from: (i: number) => number): Tensor {
  const size = rows.shape[1]!;
  const exchange = new Float32Array(size * size);
  for (let i = 0; i < size; i++) exchange[from(i) * size + i] = 1;
  return matMul(rows, constant(exchange, [size, size]));
}

/** The elements in reverse order along the last `rank` axes at once. */
export function flip(x: Tensor, rank: number): Tensor {
  const size = sizeOf(x.shape.slice(-rank));
  if (size === 1) return x;
  const rows = reshape(x, [sizeOf(x.shape) / size, size]);
  return reshape(
    permuted(rows, (i) => size - 1 - i),
    x.shape,
  );
}

const gatherOp: Op<object> = {
  name: "gather",
  infer: ([table, indices]) => {
    if (table!.shape.length !== 2 || indices!.shape.length !== 1 || !indices!.dtype.startsWith("int"))
      throw shapeError(
        "gather",
        `takes rows of a table [rows, width] by int indices [count], got ${describe(table!)} and ${describe(indices!)}`,
      );
    return [{ shape: [indices!.shape[0]!, table!.shape[1]!], dtype: table!.dtype }];
  },
  onnx: () => ({ type: "Gather", attributes: { axis: 0 } }),
  // Rows may be taken more than once and their gradients add up: a product with the one-hot matrix does just that.
  gradient: ({ inputs: [table, indices] }, [g]) => [
    matMul(transpose(oneHot(indices!, table!.shape[0]!), [1, 0]), g!),
    undefined,
  ],
};

/** Rows `indices` (integers `[count]`) of a table `[rows, width]`. */
export const gather = (table: Tensor, indices: Tensor): Tensor => apply(gatherOp, [table, indices], {})[0]!;

/** One-hot rows `[count, classes]` float32 of int32 labels `[count]`. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  const range = constant(
    Int32Array.from({ length: classes }, (_, i) => i),
    [1, classes],
  );
  return indicator(equal(reshape(cast(labels, "int32"), [labels.shape[0]!, 1]), range));
}
