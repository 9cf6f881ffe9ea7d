/** Sums of products by named axes, of one or two operands: by transpositions, one batched matrix product, and sums. */
import { matMul } from "../ops/linear.ts";
import { reduceSum } from "../ops/reduce.ts";
import { reshape, transpose } from "../ops/shape.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { refuse } from "./refuse.ts";

/** An operand and the names of its axes. */
interface Named {
  readonly x: Tensor;
  readonly axes: string;
}

/** Sums an operand over the axes that nothing else names, and puts the others in an order. */
function arranged({ x, axes }: Named, wanted: string): Tensor {
  const gone = [...axes].flatMap((name, i) => (wanted.includes(name) ? [] : [i]));
  const summed = gone.length === 0 ? x : reduceSum(x, { axes: gone });
  const left = [...axes].filter((name) => wanted.includes(name));
  return transpose(
    summed,
    [...wanted].map((name) => left.indexOf(name)),
  );
}

/** Works out an equation such as `bhid,bhjd->bhij`. */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  const named = terms.map((axes, i): Named => ({ x: operands[i]!, axes }));
  const known =
    right !== undefined &&
    terms.length === operands.length &&
    terms.length <= 2 &&
    [...terms, right].every((axes) => /^[a-zA-Z]*$/.test(axes) && new Set(axes).size === axes.length) &&
    named.every(({ x, axes }) => x.shape.length === axes.length);
  if (!known) return refuse(`it has the Einsum ${equation}, which is not known here`);
  const [a, b] = named as [Named, Named?];
  if (b === undefined) return arranged(a, right);
  const size = new Map<string, number>();
  for (const { x, axes } of [a, b]) for (const [i, name] of [...axes].entries()) size.set(name, x.shape[i]!);
  const sizes = (axes: string) => [...axes].map((name) => size.get(name)!);
  const both = [...a.axes].filter((name) => b.axes.includes(name));
  const batch = both.filter((name) => right.includes(name)).join("");
  const inner = both.filter((name) => !right.includes(name)).join("");
  const rows = [...a.axes].filter((name) => right.includes(name) && !batch.includes(name)).join("");
  const columns = [...b.axes].filter((name) => right.includes(name) && !batch.includes(name)).join("");
  const [n, k, r, c] = [batch, inner, rows, columns].map((axes) => sizeOf(sizes(axes))) as [
    number,
    number,
    number,
    number,
  ];
  const product = matMul(
    reshape(arranged(a, batch + rows + inner), [n, r, k]),
    reshape(arranged(b, batch + inner + columns), [n, k, c]),
  );
  return arranged({ x: reshape(product, sizes(batch + rows + columns)), axes: batch + rows + columns }, right);
}
