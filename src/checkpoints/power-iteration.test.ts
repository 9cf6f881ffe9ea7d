import { describe, expect, it } from "vitest";

import { key, normal } from "../random/index.ts";
import { powerIterations, singularVectors } from "./power-iteration.ts";

const product = (m: Float32Array, columns: number, v: ArrayLike<number>) =>
  Array.from({ length: m.length / columns }, (_, r) =>
    m.subarray(r * columns, (r + 1) * columns).reduce((sum, x, c) => sum + x * (v[c] ?? 0), 0),
  );
const length = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));

describe("spectral normalisations", () => {
  it("are found by the new names of PyTorch and the old ones", () => {
    const names = [
      "head.parametrizations.weight.original",
      "head.parametrizations.weight.0._u",
      "head.parametrizations.weight.0._v",
      "conv.weight_orig",
      "conv.weight_u",
      "conv.weight_v",
      // Of a weight normalisation, whose direction is a parameter.
      "fc.weight_g",
      "fc.weight_v",
    ];
    expect(powerIterations(new Set(names))).toEqual([
      { weight: names[0], u: names[1], v: names[2] },
      { weight: names[3], u: names[4], v: names[5] },
    ]);
  });
});

describe("singular vectors of another weight", () => {
  it("are those of its greatest singular value", () => {
    // Of a diagonal matrix they are known.
    const weight = Float32Array.of(1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0);
    const start = { u: Float32Array.of(1, 1, 1).map((x) => x / Math.sqrt(3)), v: new Float32Array(4).fill(0.5) };
    const { u, v } = singularVectors(weight, [3, 4], { ...start, before: weight });
    for (const [i, x] of [0, 1, 0].entries()) expect(Math.abs(u[i] ?? 0)).toBeCloseTo(x, 5);
    for (const [i, x] of [0, 1, 0, 0].entries()) expect(Math.abs(v[i] ?? 0)).toBeCloseTo(x, 5);
  });

  it("have length one and belong together, in rows along either axis", () => {
    const weight = normal(key(5), 24);
    const before = normal(key(6), 24);
    for (const [shape, rows] of [
      [[4, 6], 4],
      [[2, 4, 3], 4],
    ] as const) {
      const [u, v] = [normal(key(7), rows), normal(key(8), 24 / rows)];
      const found = singularVectors(weight, shape, { u, v, before });
      expect(length(found.u)).toBeCloseTo(1, 5);
      expect(length(found.v)).toBeCloseTo(1, 5);
      if (shape.length > 2) continue;
      const image = product(weight, 6, found.v);
      const sigma = length(image);
      for (const [i, x] of image.entries()) expect(x / sigma).toBeCloseTo(found.u[i] ?? 0, 3);
    }
  });
});
