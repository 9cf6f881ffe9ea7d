import { describe, expect, it } from "vitest";

import { layoutOf } from "../layout/index.ts";
import { key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { baseline } from "./baselines.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

const WIDE = 4000;
const layout = layoutOf([
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
const deviation = (values: Float32Array) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
};
/** The standard deviation of what was added to each tensor. */
const added = async (name: string, open = (x: number) => x) => {
  const drawn = await baseline(name).draw(originals, { count: 1, key: key(5), layout, device });
  return layout.entries.map(({ offset, size }) =>
    deviation(drawn.slice(offset, offset + size).map((x, i) => open(x) - open(original[offset + i]!))),
  );
};

describe("noise:σ", () => {
  it("is σ times each tensor's own standard deviation, and nothing where a tensor has none", async () => {
    const [a, b, one, mean] = await added("noise:0.1");
    expect(a! / 0.1).toBeCloseTo(1, 1);
    expect(b! / 0.001).toBeCloseTo(1, 1);
    expect(one).toBe(0);
    expect(mean! / 0.1).toBeCloseTo(1, 1);
  });

  it("moves running variances by their logarithms, so that they stay positive", async () => {
    expect((await added("noise:0.1", Math.log))[4]! / 0.05).toBeCloseTo(1, 1);
    const { offset, size } = layout.entries[4]!;
    const drawn = await baseline("noise:3").draw(originals, { count: 1, key: key(6), layout, device });
    expect(Math.min(...drawn.subarray(offset, offset + size))).toBeGreaterThan(0);
  });
});

describe("noise-absolute:σ", () => {
  it("is σ on every parameter whatever its tensor's spread, and leaves running statistics alone", async () => {
    const [a, b, , mean, variance] = await added("noise-absolute:0.1");
    expect(a! / 0.1).toBeCloseTo(1, 1);
    expect(b! / 0.1).toBeCloseTo(1, 1);
    expect([mean, variance]).toEqual([0, 0]);
    const { offset } = layout.entries[2]!;
    const drawn = await baseline("noise-absolute:0.1").draw(originals, { count: 1, key: key(5), layout, device });
    expect(drawn[offset]).not.toBe(7);
  });
});

it("noise starts from any of the originals", async () => {
  const one = layoutOf([{ name: "w", shape: [2], kind: "linear" }]);
  const many = { count: 4, dimension: 2, values: Float32Array.from({ length: 8 }, (_, i) => 100 * Math.floor(i / 2)) };
  const drawn = await baseline("noise-absolute:0.001").draw(many, { count: 100, key: key(7), layout: one, device });
  expect(new Set(Array.from(drawn, Math.round))).toEqual(new Set([0, 100, 200, 300]));
});
