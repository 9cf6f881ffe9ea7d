import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { layoutOf } from "../../layout/index.ts";
import { key, normal } from "../../random/index.ts";
import { fitNormalisation, fitTensorStatistics, rangedNormalisation } from "./fit-normalisation.ts";
import { denormalise, normalise } from "./normalisation.ts";
import { normalisations } from "./normalisations.ts";

const layout = layoutOf([
  { name: "weight", shape: [7, 3] },
  { name: "bn.running_var", shape: [5] },
  { name: "scale", shape: [] },
]);
const K = 6;
const D = layout.size;
const vectors = normal(key(1), K * D).map((x, i) =>
  i % D >= 21 && i % D < 26 ? 0.1 + Math.abs(x) : (1 + (i % D)) * x,
);

/** Coordinates of every vector. */
const part = (start: number, end: number, of: Float32Array = vectors): Float32Array =>
  Float32Array.from({ length: K * (end - start) }, (_, i) => {
    const width = end - start;
    return of[Math.floor(i / width) * D + start + (i % width)]!;
  });
const rows = { rows: K, columns: D, read: async (start: number, end: number) => part(start, end) };

describe.each(normalisations.map((part) => [part.type, part] as const))("a normalisation by ranges: %s", (_, mode) => {
  it("is that of whole vectors, both ways, whatever the range", async () => {
    const whole = await fitNormalisation(mode, rows, layout);
    const expected = normalise(whole, vectors);
    const ranged = rangedNormalisation(mode, await fitTensorStatistics(mode, rows, layout), layout);
    fc.assert(
      fc.property(fc.nat(D - 1), fc.nat(D - 1), (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b) + 1];
        const own = ranged(start, end, part(start, end));
        const normal = normalise(own, part(start, end));
        for (const [i, value] of normal.entries()) {
          const there = part(start, end, expected)[i]!;
          expect(Math.abs(value - there)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(there)));
        }
        const back = denormalise(own, normal);
        for (const [i, value] of back.entries()) expect(Math.abs(value - part(start, end)[i]!)).toBeLessThan(1e-5 * 30);
      }),
    );
  });
});
