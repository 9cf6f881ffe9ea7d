/** One original of several tensors, and the noise that a baseline adds to each of them. */
import { layoutOf } from "../layout/index.ts";
import { key, normal } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { baseline } from "./baselines.ts";

const WIDE = 4000;

/** The tensors: two weights, a single number and running statistics. */
export const layout = layoutOf([
  { name: "a.weight", shape: [WIDE], kind: "linear" },
  { name: "b.weight", shape: [WIDE], kind: "linear" },
  { name: "scale", shape: [1], kind: "other" },
  { name: "bn.running_mean", shape: [WIDE], kind: "running-mean" },
  { name: "bn.running_var", shape: [WIDE], kind: "running-variance" },
]);

/**
 * Tensors of standard deviation 1 and 0.01 and of one value; means about 5; variances whose
 * logarithms have deviation 0.5.
 */
const original = Float32Array.from([
  ...normal(key(1), WIDE),
  ...normal(key(2), WIDE).map((z) => 3 + 0.01 * z),
  7,
  ...normal(key(3), WIDE).map((z) => 5 + z),
  ...normal(key(4), WIDE).map((z) => Math.exp(0.5 * z)),
]);
const originals = { count: 1, dimension: layout.size, values: original };

/** One draw from the baseline of a name. */
export const drawOne = (name: string, device: Device, seed = 5): Promise<Float32Array> =>
  baseline(name).draw(originals, { count: 1, key: key(seed), layout, device });

const deviation = (values: Float32Array) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
};

/** The standard deviation of what was added to each tensor, after both are mapped by `open`. */
export async function added(name: string, device: Device, open = (x: number) => x): Promise<number[]> {
  const drawn = await drawOne(name, device);
  return layout.entries.map(({ offset, size }) =>
    deviation(drawn.slice(offset, offset + size).map((x, i) => open(x) - open(original[offset + i]!))),
  );
}
