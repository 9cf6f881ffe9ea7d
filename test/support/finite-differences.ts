/** Checks of gradients against central finite differences, many graphs in one compiled program. */
import { gradients, input, mul, reduceSum, type Shape, sizeOf, type Tensor } from "../../src/graph/index.ts";
import { compile, type Device, type Feeds } from "../../src/runtime/index.ts";
import { fill } from "./fill.ts";

/** How the numbers of an input are spread. */
export type Spread =
  /** Evenly in [−1, 1). */
  | "any"
  /** In [0.5, 2). */
  | "positive"
  /** At least 0.1 away from 0, where activations have a kink. */
  | "off zero"
  /** No two nearer than 1 / 32, for maxima. */
  | "apart";

export interface GradientCase {
  readonly name: string;
  /** Shapes of the differentiable inputs. */
  readonly shapes: readonly Shape[];
  readonly spread?: Spread;
  /** The function to differentiate, of any shape. */
  readonly build: (...inputs: Tensor[]) => Tensor;
}

/** Perturbations of at most this size: large against float32 rounding, small against curvature. */
const STEP = 1 / 128;
const DIRECTIONS = 8;

function draw(name: string, size: number, spread: Spread): Float32Array {
  switch (spread) {
    case "any":
      return fill(name, size);
    case "positive":
      return fill(name, size, 0.5, 2);
    case "off zero":
      return fill(name, size).map((u) => Math.sign(u) * (0.1 + Math.abs(u)));
    case "apart": {
      const order = [...fill(name, size).entries()].toSorted(([, a], [, b]) => a - b);
      const out = new Float32Array(size);
      for (const [rank, [i]] of order.entries()) out[i] = (rank + 0.5 - size / 2) / 32;
      return out;
    }
  }
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/**
 * For every case the largest difference between the directional derivative that its gradients give
 * and the one that finite differences give, over several random directions, relative to the
 * derivative expected of such a gradient.
 */
export async function gradientErrors(cases: readonly GradientCase[], device: Device): Promise<Map<string, number>> {
  const outputs: Record<string, Tensor> = {};
  const at: Record<string, Float32Array> = {};
  for (const { name, shapes, spread = "any", build } of cases) {
    const inputs = shapes.map((shape, i) => input(`${name}/x${i}`, shape));
    const y = build(...inputs);
    const cotangent = input(`${name}/cotangent`, y.shape);
    outputs[`${name}/y`] = y;
    for (const [i, g] of gradients(reduceSum(mul(y, cotangent)), inputs).entries()) outputs[`${name}/g${i}`] = g;
    for (const [i, shape] of shapes.entries()) at[`${name}/x${i}`] = draw(`${name}/x${i}`, sizeOf(shape), spread);
    at[`${name}/cotangent`] = fill(`${name}/cotangent`, sizeOf(y.shape));
  }
  const program = await compile(outputs, device);
  const run = async (feeds: Feeds) => (await program.run(feeds)) as Record<string, Float32Array>;
  const centre = await run(at);
  const errors = new Map(cases.map(({ name }) => [name, 0]));
  for (let direction = 0; direction < DIRECTIONS; direction++) {
    const shifted = (sign: number) =>
      Object.fromEntries(
        Object.entries(at).map(([name, x]) => {
          if (name.endsWith("/cotangent")) return [name, x];
          const d = fill(`${name}/direction${direction}`, x.length);
          return [name, x.map((value, i) => value + sign * STEP * d[i]!)];
        }),
      );
    const [up, down] = [shifted(1), shifted(-1)];
    const [above, below] = [await run(up), await run(down)];
    for (const { name, shapes } of cases) {
      const cotangent = at[`${name}/cotangent`]!;
      const measured = dot(cotangent, above[`${name}/y`]!) - dot(cotangent, below[`${name}/y`]!);
      let expected = 0;
      let size = 0;
      for (const i of shapes.keys()) {
        const g = centre[`${name}/g${i}`]!;
        // The steps as float32 took them, which is not exactly 2 STEP d.
        const [to, from] = [up[`${name}/x${i}`]!, down[`${name}/x${i}`]!];
        const moved = Float64Array.from(to, (value, j) => value - from[j]!);
        expected += dot(g, moved);
        size += (dot(g, g) * dot(moved, moved)) / g.length;
      }
      const error = Math.abs(measured - expected) / Math.sqrt(size);
      errors.set(name, Math.max(errors.get(name)!, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error));
    }
  }
  await program.release();
  return errors;
}
