import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { integers, key, permutation } from "../random/index.ts";
import { quantiles } from "./bootstrap.ts";
import { type Mistakes, mistakes, similarityMatrix } from "./similarity.ts";
import { similarityByCount } from "./similarity-by-count.ts";

const IMAGES = 40;

/** Networks that get about a third of the images wrong. */
const group = (seed: number, count: number): Mistakes =>
  mistakes(
    integers(key(seed), count * IMAGES, 3).map((draw) => (draw === 0 ? 1 : 0)),
    new Uint8Array(IMAGES),
  );

describe("similarity against the number of originals", () => {
  it.each([
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [5, [1, 2, 5]],
    [10, [1, 2, 5, 10]],
    [11, [1, 2, 5, 10, 11]],
    [30, [1, 2, 5, 10, 20, 30]],
    [200, [1, 2, 5, 10, 20, 50, 100, 200]],
  ])("of %i originals has counts %j", async (all, counts) => {
    expect((await similarityByCount(group(1, all), [], key(2))).counts).toEqual(counts);
  });

  it("is the greatest with any of the first originals in a random order, and never with the network itself", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 2, max: 25 }),
        fc.integer({ min: 1, max: 8 }),
        async (seed, all, n) => {
          const originals = group(seed, all);
          const groups = [
            { name: "originals", test: originals },
            { name: "samples", test: group(seed + 1, n) },
          ];
          const found = await similarityByCount(originals, groups, key(seed));
          const order = [...permutation(key(seed), all)];
          expect(found.groups.map(({ name }) => name)).toEqual(["originals", "samples"]);
          for (const [g, { test }] of groups.entries()) {
            const matrix = await similarityMatrix(test, originals);
            const naive = found.counts.map((count) =>
              quantiles(
                Array.from({ length: test.count }, (_, i) =>
                  Math.max(
                    0,
                    ...order
                      .slice(0, count)
                      .filter((j) => test !== originals || i !== j)
                      .map((j) => matrix[i * all + j]!),
                  ),
                ),
              ),
            );
            expect(found.groups[g]!.greatest).toEqual(naive);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it("never falls with their number, and ends at the greatest of all", async () => {
    const originals = group(3, 120);
    const samples = group(4, 20);
    const { greatest } = (await similarityByCount(originals, [{ name: "samples", test: samples }], key(5))).groups[0]!;
    for (const [i, more] of greatest.slice(1).entries())
      for (const part of ["low", "median", "high"] as const)
        expect(more[part]).toBeGreaterThanOrEqual(greatest[i]![part]);
    expect(greatest.at(-1)!.median).toBeGreaterThan(greatest[0]!.median);
    const matrix = await similarityMatrix(samples, originals);
    const all = Array.from({ length: 20 }, (_, i) => Math.max(...matrix.subarray(i * 120, (i + 1) * 120)));
    expect(greatest.at(-1)).toEqual(quantiles(all));
  });

  it("of copies is 1 with all originals, of originals less where none is like another", async () => {
    const originals = group(6, 30);
    const copies = { ...originals };
    const { groups } = await similarityByCount(
      originals,
      [
        { name: "copies", test: copies },
        { name: "originals", test: originals },
      ],
      key(7),
    );
    expect(groups[0]!.greatest.at(-1)).toEqual({ low: 1, median: 1, high: 1 });
    expect(groups[1]!.greatest.at(-1)!.high).toBeLessThan(1);
  });

  it("takes originals in the order of the key, the same for all groups", async () => {
    const originals = group(8, 50);
    const test = group(9, 10);
    const twice = await similarityByCount(
      originals,
      [
        { name: "a", test },
        { name: "b", test },
      ],
      key(10),
    );
    expect(twice.groups[0]!.greatest).toEqual(twice.groups[1]!.greatest);
    const again = await similarityByCount(originals, [{ name: "a", test }], key(10));
    expect(again.groups[0]).toEqual(twice.groups[0]);
    const other = await similarityByCount(originals, [{ name: "a", test }], key(11));
    expect(other.groups[0]!.greatest).not.toEqual(again.groups[0]!.greatest);
    expect(other.groups[0]!.greatest.at(-1)).toEqual(again.groups[0]!.greatest.at(-1));
  });
});
