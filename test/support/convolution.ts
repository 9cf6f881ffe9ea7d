/** Convolution by its definition: a list of products, each a part of one sum. */
import type { Shape } from "../../src/graph/index.ts";

/** Shapes of the input `[batch, in, …]` and the weight `[out, in / groups, …]`; the geometry. */
export interface Convolution {
  readonly x: Shape;
  readonly w: Shape;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

/** Every position of a shape, in row-major order. */
const positions = (shape: Shape): number[][] =>
  shape.reduce<number[][]>((all, d) => all.flatMap((p) => Array.from({ length: d }, (_, i) => [...p, i])), [[]]);

const offset = (shape: Shape, at: readonly number[]): number => at.reduce((sum, i, axis) => sum * shape[axis]! + i, 0);

/** The shape of the result, `[batch, out, …]`. */
export const resultShape = ({ x, w, stride, padding }: Convolution): number[] => [
  x[0]!,
  w[0]!,
  ...x.slice(2).map((d, i) => Math.floor((d + 2 * padding - w[i + 2]!) / stride) + 1),
];

/**
 * Visits the products of input and weight that a convolution sums.
 * @param visit takes the offsets of both factors, and that of the sum in the result.
 */
export function visitProducts(c: Convolution, visit: (x: number, w: number, y: number) => void): void {
  const shape = resultShape(c);
  const into = c.w[1]!;
  const taps = positions(c.w.slice(1)) as [number, ...number[]][];
  for (const at of positions(shape)) {
    const [example, channel, ...place] = at as [number, number, ...number[]];
    const group = Math.floor(channel / (c.w[0]! / c.groups));
    for (const [input, ...tap] of taps) {
      const from = place.map((p, i) => p * c.stride + tap[i]! - c.padding);
      if (from.some((p, i) => p < 0 || p >= c.x[i + 2]!)) continue;
      visit(
        offset(c.x, [example, group * into + input, ...from]),
        offset(c.w, [channel, input, ...tap]),
        offset(shape, at),
      );
    }
  }
}
