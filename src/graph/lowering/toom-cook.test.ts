import fc from "fast-check";
import { expect, it } from "vitest";

import { algorithmFor, amplification } from "./toom-cook.ts";

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

it("correlates with fewer products than results times taps", () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 11 }),
      fc.integer({ min: 4, max: 70 }),
      fc.array(number, { minLength: 40, maxLength: 40 }),
      fc.array(number, { minLength: 11, maxLength: 11 }),
      (taps, along, inputs, weights) => {
        const { results, a, d, g } = algorithmFor(taps, along);
        const [x, w] = [inputs.slice(0, results + taps - 1), weights.slice(0, taps)];
        expect(a.length).toBeLessThan(results * taps);
        const products = a.map((_, p) => dot(d[p]!, x) * dot(g[p]!, w));
        for (let i = 0; i < results; i++) {
          const direct = dot(w, x.slice(i, i + taps));
          expect(
            dot(
              a.map((row) => row[i]!),
              products,
            ),
          ).toBeCloseTo(direct, 10);
        }
      },
    ),
  );
});

it("computes about sixteen results at once, in parts of equal size", () => {
  const parts = (along: number) => algorithmFor(7, along).results;
  expect([16, 17, 128, 130].map(parts)).toEqual([16, 10, 16, 16]);
  expect(algorithmFor(7, 128).a).toHaveLength(31);
  expect(algorithmFor(3, 128)).toMatchObject({ results: 4, a: { length: 6 } });
});

it("adds little to the rounding of direct sums", () => {
  expect(amplification(algorithmFor(3, 4))).toBeCloseTo(2.18, 2);
  for (let taps = 4; taps <= 11; taps++)
    for (let along = 4; along <= 70; along++) expect(amplification(algorithmFor(taps, along))).toBeLessThan(1.5);
});
