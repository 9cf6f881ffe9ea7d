import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { layoutOf } from "../../layout/index.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import type { Distribution } from "../../records/index.ts";
import { distributionsOf } from "./distributions.ts";

const layoutWith = (...sizes: readonly number[]) =>
  layoutOf(sizes.map((size, i) => ({ name: `t${i}`, shape: [size] })));

const networks = (name: string, count: number, size: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) => normal(foldIn(key(1), name, i), size));

/** The area under a density. */
const area = ({ edges }: Distribution, density: readonly number[]): number =>
  density.reduce((sum, height, i) => sum + height * (edges[i + 1]! - edges[i]!), 0);

describe("the distributions of tensors", () => {
  it("are shown for at most six tensors, from the first to the last", async () => {
    const shown = async (count: number) => {
      const layout = layoutWith(...Array<number>(count).fill(2));
      const originals = networks("originals", 3, layout.size);
      return (await distributionsOf(layout, originals, originals)).map(({ tensor }) => tensor);
    };
    expect(await shown(1)).toEqual(["t0"]);
    expect(await shown(2)).toEqual(["t0", "t1"]);
    expect(await shown(6)).toEqual(["t0", "t1", "t2", "t3", "t4", "t5"]);
    expect(await shown(11)).toEqual(["t0", "t2", "t4", "t6", "t8", "t10"]);
    for (const count of [7, 8, 9, 10, 62]) {
      const names = await shown(count);
      expect(new Set(names).size).toBe(6);
      expect(names[0]).toBe("t0");
      expect(names[5]).toBe(`t${count - 1}`);
    }
  });

  it("have bins of equal width from the least to the greatest of the originals' values but for their tails", async () => {
    const layout = layoutWith(50);
    const originals = networks("originals", 200, 50);
    const [figure] = await distributionsOf(layout, originals, networks("samples", 10, 50));
    const { edges } = figure!;
    expect(figure!.originals).toHaveLength(edges.length - 1);
    expect(figure!.samples).toHaveLength(edges.length - 1);
    const width = (edges.at(-1)! - edges[0]!) / (edges.length - 1);
    edges.slice(1).forEach((edge, i) => {
      expect(edge - edges[i]!).toBeCloseTo(width, 10);
    });
    const sorted = Float32Array.from(originals.flatMap((v) => [...v])).sort();
    // A thousandth of 10 000 values at each end.
    expect(edges[0]).toBe(sorted[10]);
    expect(edges.at(-1)).toBeCloseTo(sorted[sorted.length - 11]!, 12);
  });

  it("are densities: the area is the share of values within the bins", async () => {
    const layout = layoutWith(7, 40, 13);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 30, max: 60 }), fc.integer({ min: 1, max: 20 }), async (n, m) => {
        const originals = networks(`originals ${n}`, n, layout.size);
        const samples = networks(`samples ${m}`, m, layout.size).map((v) => v.map((x) => 2 * x + 1));
        for (const [i, figure] of (await distributionsOf(layout, originals, samples)).entries()) {
          const { offset, size } = layout.entries[i]!;
          const share = (vectors: readonly Float32Array[]) => {
            const values = vectors.flatMap((v) => [...v.subarray(offset, offset + size)]);
            const [low, high] = [figure.edges[0]!, figure.edges.at(-1)!];
            return values.filter((x) => x >= low && x <= high).length / values.length;
          };
          // To a value that lies on an edge.
          expect(Math.abs(area(figure, figure.originals) - share(originals))).toBeLessThan(1.5 / (n * size));
          expect(Math.abs(area(figure, figure.samples) - share(samples))).toBeLessThan(1.5 / (m * size));
        }
      }),
      { numRuns: 15 },
    );
  });

  it("leave out no value within the bins, the greatest neither", async () => {
    // A tensor of few different values, half of them the greatest.
    const originals = [Float32Array.of(0, 1), Float32Array.of(1, 0)];
    const [figure] = await distributionsOf(layoutWith(2), originals, originals);
    expect(area(figure!, figure!.originals)).toBeCloseTo(1, 10);
    expect(area(figure!, figure!.samples)).toBeCloseTo(1, 10);
  });

  it("are counted bin by bin, the originals' and the samples' over the same bins", async () => {
    const layout = layoutWith(1, 2);
    const values = Array.from({ length: 97 }, (_, i) => Float32Array.of(9, i, i));
    const [figure, ...others] = await distributionsOf(layout, values, [
      Float32Array.of(9, 1, 500),
      Float32Array.of(9, 95, 2),
    ]);
    // The first tensor has one value only.
    expect(others).toEqual([]);
    expect(figure!.tensor).toBe("t1");
    // Two whole numbers in a bin, each twice in 194 values; a bin is 2 wide.
    expect(figure!.edges[0]).toBe(0);
    expect(figure!.edges.at(-1)).toBe(96);
    for (const height of figure!.originals.slice(0, -1)) expect(height).toBeCloseTo(4 / 194 / 2, 12);
    expect(figure!.samples[0]).toBeCloseTo(1 / 4 / 2, 12);
    expect(figure!.samples[1]).toBeCloseTo(1 / 4 / 2, 12);
    expect(figure!.samples[47]).toBeCloseTo(1 / 4 / 2, 12);
    expect(area(figure!, figure!.samples)).toBeCloseTo(3 / 4, 12);
  });

  it("of samples that are not finite or lie elsewhere are nothing within the bins", async () => {
    const originals = networks("originals", 20, 5);
    const lost = [Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30)];
    const [figure] = await distributionsOf(layoutWith(5), originals, lost);
    expect(figure!.samples.every((height) => height === 0)).toBe(true);
  });

  it("are none of a tensor that has one value only", async () => {
    const still = [Float32Array.of(1, 1), Float32Array.of(1, 1)];
    expect(await distributionsOf(layoutWith(2), still, networks("samples", 2, 2))).toEqual([]);
  });
});
