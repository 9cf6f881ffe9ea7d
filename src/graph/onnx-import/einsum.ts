/**
 * Einsum of one or two operands, by transpositions, sums and one batched matrix product.
 */

import { reduceSum } from "../ops/broadcast.ts";
import { matMul } from "../ops/linear.ts";
import { reshape, transpose } from "../ops/shape.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { elementAt, refuse } from "./refuse.ts";

/** An operand and the names of its axes, one letter each. */
interface Operand {
  readonly x: Tensor;
  readonly axes: string;
}

/**
 * Sums an operand over the axes that `wanted` does not name, and orders the others like `wanted`.
 */
function arranged({ x, axes }: Operand, wanted: string): Tensor {
  const summedAxes = [...axes].flatMap((name, i) => (wanted.includes(name) ? [] : [i]));
  const summed = summedAxes.length === 0 ? x : reduceSum(x, { axes: summedAxes });
  const left = [...axes].filter((name) => wanted.includes(name));
  return transpose(
    summed,
    [...wanted].map((name) => left.indexOf(name)),
  );
}

/** The product of two operands, summed over all axes that `result` does not name. */
function product(a: Operand, b: Operand, result: string): Tensor {
  const size = new Map<string, number>();
  for (const { x, axes } of [a, b]) for (const [i, name] of [...axes].entries()) size.set(name, elementAt(x.shape, i));
  const shapeOf = (axes: string) => [...axes].map((name) => size.get(name) ?? 1);
  const only = (axes: string, keep: (name: string) => boolean) => [...axes].filter(keep).join("");
  const batch = only(a.axes, (name) => b.axes.includes(name) && result.includes(name));
  const inner = only(a.axes, (name) => b.axes.includes(name) && !result.includes(name));
  const rows = only(a.axes, (name) => result.includes(name) && !batch.includes(name));
  const columns = only(b.axes, (name) => result.includes(name) && !batch.includes(name));
  const count = (axes: string) => sizeOf(shapeOf(axes));
  const matrices = matMul(
    reshape(arranged(a, batch + rows + inner), [count(batch), count(rows), count(inner)]),
    reshape(arranged(b, batch + inner + columns), [count(batch), count(inner), count(columns)]),
  );
  const axes = batch + rows + columns;
  return arranged({ x: reshape(matrices, shapeOf(axes)), axes }, result);
}

/**
 * Computes an equation such as `bhid,bhjd->bhij`.
 * @throws UserError `E_CHECKPOINT` for equations with more than two operands, repeated axes or
 *   dots.
 */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const unsupported = `it has the Einsum ${equation}, which is not supported`;
  const [left = "", result] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  if (result === undefined || terms.length !== operands.length) return refuse(unsupported);
  const isPlain = (axes: string) => /^[a-zA-Z]*$/.test(axes) && new Set(axes).size === axes.length;
  if (![...terms, result].every(isPlain)) return refuse(unsupported);
  const named = terms.map((axes, i): Operand => ({ x: elementAt(operands, i), axes }));
  if (named.some(({ x, axes }) => x.shape.length !== axes.length)) return refuse(unsupported);
  const [a, b, third] = named;
  if (a === undefined || third !== undefined) return refuse(unsupported);
  return b === undefined ? arranged(a, result) : product(a, b, result);
}
