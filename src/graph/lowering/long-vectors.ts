/**
 * Joining a long vector from parts, and cutting it into them, as rows of a matrix. ONNX Runtime's
 * CUDA kernels for Concat and Split make a table on the CPU in every run, one entry for each place
 * along the axis: 90 ms each for the 11 million parameters of ResNet-18 (NVIDIA H200), in a step
 * that otherwise takes 30 ms.
 */

import { at } from "../../lookup.ts";
import { concat, concatOp, pad, reshape, slice, splitOp } from "../ops/shape.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { ruleFor } from "./rule.ts";

/** The shortest vector that is joined and cut by rows, which takes more nodes. */
const MIN_LENGTH = 2 ** 16;

/** The lengths of rows that are tried. */
const ROWS = [1024, 512, 256, 128, 64, 32, 16, 8];

/** Neighbouring parts of which the first begins where a row begins. */
interface Run {
  readonly parts: readonly number[];
  readonly size: number;
}

/**
 * The shortest possible runs of parts of the given sizes. All but the last end where a row ends.
 */
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

/** The row length with the shortest tables, and its runs; undefined where rows save too little. */
function byRows(sizes: readonly number[]): { readonly row: number; readonly runs: readonly Run[] } | undefined {
  const total = sizes.reduce((a, b) => a + b, 0);
  if (sizes.length < 3 || total < MIN_LENGTH) return undefined;
  const plans = ROWS.map((row) => {
    const runs = runsOfParts(sizes, row);
    const within = runs.filter(({ parts }) => parts.length > 1).reduce((sum, { size }) => sum + size, 0);
    return { row, runs, entries: total / row + within };
  });
  const best = plans.reduce((a, b) => (b.entries < a.entries ? b : a));
  return best.entries < total / 2 && best.runs.length > 1 ? best : undefined;
}

const upTo = (row: number, size: number): number => Math.ceil(size / row) * row;

const padded = (x: Tensor, size: number): Tensor => pad(x, { axes: [0], before: [0], after: [size - at(x.shape, 0)] });

/** Vectors joined by rows. */
export const joinByRows = ruleFor(concatOp, ({ inputs: xs }, { target }) => {
  if (target === "cpu" || xs[0].shape.length !== 1) return undefined;
  const sizes = xs.map(({ shape }) => at(shape, 0));
  const plan = byRows(sizes);
  if (plan === undefined) return undefined;
  const { row, runs } = plan;
  let next = 0;
  const blocks = runs.map(({ parts, size }) => {
    const run = concat(xs.slice(next, (next += parts.length)), 0);
    return reshape(padded(run, upTo(row, size)), [upTo(row, size) / row, row]);
  });
  const joined = concat(blocks, 0);
  const total = sizes.reduce((a, b) => a + b, 0);
  return slice(reshape(joined, [sizeOf(joined.shape)]), { axes: [0], starts: [0], ends: [total] });
});

/** A vector cut by rows. */
export const cutByRows = ruleFor(splitOp, ({ inputs: [x], attributes: { sizes } }, { target }) => {
  if (target === "cpu" || x.shape.length !== 1) return undefined;
  const plan = byRows(sizes);
  if (plan === undefined) return undefined;
  const { row, runs } = plan;
  const count = upTo(row, at(x.shape, 0)) / row;
  const rows = reshape(padded(x, count * row), [count, row]);
  let first = 0;
  return runs.flatMap(({ parts, size }) => {
    const block = slice(rows, { axes: [0], starts: [first], ends: [(first += upTo(row, size) / row)] });
    const run = reshape(block, [sizeOf(block.shape)]);
    let end = 0;
    return parts.map((part) => slice(run, { axes: [0], starts: [end], ends: [(end += part)] }));
  });
});
