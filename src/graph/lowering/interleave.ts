/**
 * Interleaving of phases and other exchanges of elements, by ways that ONNX Runtime runs fast. All
 * are exact: elements move, or are multiplied by a permutation matrix, in which every sum has one
 * term.
 */

import { at } from "../../lookup.ts";
import { interleaveOp } from "../ops/interleave.ts";
import { matMul } from "../ops/linear.ts";
import { concat, reshape, transpose } from "../ops/shape.ts";
import { constant, sizeOf, spatialOf, type Tensor } from "../tensor.ts";
import { ruleFor } from "./rule.ts";

/**
 * Interleaves phases: `[batch, phases …, channels, positions …]` to
 * `[batch, channels, positions × phases …]`, each with `rank` axes of phases and of positions. In
 * two steps, of which the first moves whole rows and the second swaps the two innermost axes: three
 * times as fast as one transposition.
 */
export function weave(x: Tensor, rank: number): Tensor {
  const batch = at(x.shape, 0);
  const phases = x.shape.slice(1, 1 + rank);
  const channels = at(x.shape, 1 + rank);
  const positions = x.shape.slice(2 + rank);
  const order = positions.flatMap((_, i) => [rank + 2 + i, 1 + i]);
  const rows = transpose(x, [0, rank + 1, ...order.slice(0, -2), ...order.slice(-2).toReversed()]);
  const innermost = [at(phases, rank - 1), at(positions, rank - 1)];
  const swapped = swapInnermost(reshape(rows, [sizeOf(x.shape) / sizeOf(innermost), ...innermost]));
  return reshape(swapped, [batch, channels, ...positions.map((d, i) => d * at(phases, i))]);
}

/**
 * Interleaves phases that are separate tensors. Along one and two axes rows are laid side by side
 * when they are joined, and need not move a second time: 5.0 ms for 6.5 in a step of the 10
 * 853-parameter CNN, of 31 in all.
 */
export const interleaveRows = ruleFor(interleaveOp, ({ inputs: parts, attributes: { phases } }) => {
  const [first] = parts;
  const [batch, channels] = [at(first.shape, 0), at(first.shape, 1)];
  const positions = spatialOf(first);
  const rank = phases.length;
  if (rank > 2) {
    const stack = concat(
      parts.map((part) => reshape(part, [batch, 1, channels, ...positions])),
      1,
    );
    return weave(reshape(stack, [batch, ...phases, channels, ...positions]), rank);
  }
  const [phase, length] = [at(phases, rank - 1), at(positions, rank - 1)];
  // A row may be laid out in pieces, each of which is swapped by itself.
  const width = rank === 1 ? pieceOf(length, phase) : length;
  const rows = sizeOf(first.shape) / width;
  const beside = concat(
    parts.map((part) => reshape(part, [rows, 1, width])),
    1,
  );
  const swapped = swapInnermost(reshape(beside, [(rows * parts.length) / phase, phase, width]));
  return reshape(swapped, [batch, channels, ...positions.map((d, i) => d * at(phases, i))]);
});

/** Rows of up to this many numbers are reordered by a product. */
const SHORT_ROW = 64;

/**
 * The largest equal pieces of a row of `width` that make short rows with as many of each other
 * phase; the whole row if there are none.
 */
function pieceOf(width: number, phases: number): number {
  let piece = Math.min(width, Math.floor(SHORT_ROW / phases));
  while (piece > 1 && width % piece !== 0) piece--;
  return piece > 1 ? piece : width;
}

/**
 * `[rows, a, b]` to `[rows, b, a]`; short rows by a product. For 61 440 rows of 2 × 15 it takes as
 * long as a transposition with one thread (1 ms). With two threads the transposition takes 30 ms,
 * because ONNX Runtime (1.30) hands each row to its threads separately.
 */
function swapInnermost(x: Tensor): Tensor {
  const [rows, a, b] = [at(x.shape, 0), at(x.shape, 1), at(x.shape, 2)];
  if (a * b > SHORT_ROW) return transpose(x, [0, 2, 1]);
  const flat = reshape(x, [rows, a * b]);
  return reshape(
    permuted(flat, (i) => (i % a) * b + Math.floor(i / a)),
    [rows, b, a],
  );
}

/**
 * Rows `[rows, size]` in another order: element i of each is element `from(i)` of the old one. A
 * product with the permutation matrix is five times as fast as ONNX's Gather or a Slice with step
 * −1.
 */
function permuted(rows: Tensor, from: (i: number) => number): Tensor {
  const size = at(rows.shape, 1);
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
