import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  accuracies,
  accuracyOnFirst,
  greatest,
  kappa,
  meanBetween,
  meanWithin,
  mistakes,
  mistakesOf,
  overlap,
  similarityMatrix,
} from "./similarity.ts";

/** Wrong images of one network, true where wrong. */
type Row = readonly boolean[];

/** A group of networks by what each gets wrong. */
const group = (rows: readonly Row[]) =>
  mistakes(
    rows.flatMap((row) => row.map(Number)),
    new Uint8Array(rows[0]!.length),
  );

/**
 * Two groups evaluated on the same images, of numbers that fill words, blocks of words and parts of
 * them.
 */
const pairs = fc.integer({ min: 1, max: 600 }).chain((images) => {
  const row = fc
    .tuple(fc.integer({ min: 0, max: 100 }), fc.array(fc.nat(99), { minLength: images, maxLength: images }))
    .map(([share, draws]) => draws.map((draw) => draw < share));
  const rows = fc.array(row, { minLength: 1, maxLength: 4 });
  return fc.tuple(rows, rows);
});

const both = (a: Row, b: Row) => a.filter((wrong, i) => wrong && b[i]).length;

/** The definition, image by image. */
function iou(a: Row, b: Row): number {
  const either = a.filter((wrong, i) => wrong || b[i]).length;
  return either === 0 ? 1 : both(a, b) / either;
}

const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;

/** `count` wrong images of `images`, from the first on or from another. */
const wrong = (images: number, count: number, from = 0): Row =>
  Array.from({ length: images }, (_, i) => i >= from && i < from + count);

describe("mistakes", () => {
  it("are the predictions that differ from their labels", () => {
    const m = mistakes([0, 1, 2, 1, 1, 1], [0, 1, 1]);
    expect(m).toMatchObject({ count: 2, images: 3, words: 1 });
    expect([...m.bits]).toEqual([0b100, 0b001]);
    expect([...m.errors]).toEqual([1, 1]);
  });

  it("begin each network at a word of its own", () => {
    const m = group([wrong(33, 33), wrong(33, 1, 32)]);
    expect([...m.bits]).toEqual([0xffffffff, 1, 0, 1]);
    expect([...accuracies(m)]).toEqual([0, 1 - 1 / 33]);
  });

  it("are not those of part of a network", () => {
    expect(() => mistakes([0, 1, 2], [0, 1])).toThrow(RangeError);
  });

  it("overlap in as many images as both networks get wrong", () => {
    fc.assert(
      fc.property(pairs, ([[a], [b]]) => {
        const m = group([a!, b!]);
        expect(overlap(m.bits, 0, m.bits, m.words, m.words)).toBe(both(a!, b!));
      }),
    );
  });

  it.each([255, 256, 257, 511, 512, 10_000])("are all counted where all of %i images are wrong", (images) => {
    const m = group([wrong(images, images)]);
    expect(overlap(m.bits, 0, m.bits, 0, m.words)).toBe(images);
  });
});

describe("the similarity of networks", () => {
  it("is the intersection over the union of their mistakes", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([a, b]) => {
        const between = a.flatMap((x) => b.map((y) => iou(x, y)));
        const within = a.flatMap((x) => a.map((y) => iou(x, y)));
        expect(await similarityMatrix(group(a), group(b))).toEqual(Float32Array.from(between));
        expect(await similarityMatrix(group(a))).toEqual(Float32Array.from(within));
      }),
    );
  });

  it("is averaged over pairs, within a group over those of different networks", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([a, b]) => {
        const between = a.flatMap((x) => b.map((y) => iou(x, y)));
        const within = a.flatMap((x, i) => a.slice(0, i).map((y) => iou(x, y)));
        expect(await meanBetween(group(a), group(b))).toBeCloseTo(mean(between), 12);
        expect(await meanWithin(group(a))).toBeCloseTo(within.length === 0 ? 1 : mean(within), 12);
      }),
    );
  });

  it("is 1 for two networks without mistakes, 0 where only one makes any", async () => {
    const m = group([wrong(3, 0), wrong(3, 0), wrong(3, 1)]);
    expect([...(await similarityMatrix(m))]).toEqual([1, 1, 0, 1, 1, 0, 0, 0, 1]);
  });

  it("of a single network is 1", async () => {
    expect(await meanWithin(group([wrong(3, 2)]))).toBe(1);
  });
});

describe("the most similar network", () => {
  it("is the first of the greatest of a row", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([a, b]) => {
        const found = await greatest(group(a), group(b));
        a.forEach((x, i) => {
          const row = b.map((y) => iou(x, y));
          expect(found.similarity[i]).toBe(Math.fround(Math.max(...row)));
          expect(found.index[i]).toBe(row.indexOf(Math.max(...row)));
        });
      }),
    );
  });

  it("is the first of equals whose similarity no single-precision number holds", async () => {
    // 7 of 10: 0.7 rounded to single precision is less than 0.7.
    const found = await greatest(group([wrong(10, 10)]), group([wrong(10, 5), wrong(10, 7), wrong(10, 7, 3)]));
    expect([...found.index]).toEqual([1]);
  });

  it("of a network's own group is another one", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([a]) => {
        fc.pre(a.length > 1);
        const m = group(a);
        const found = await greatest(m, m);
        a.forEach((x, i) => {
          const row = a.map((y, j) => (i === j ? -1 : iou(x, y)));
          expect(found.similarity[i]).toBe(Math.fround(Math.max(...row)));
          expect(found.index[i]).toBe(row.indexOf(Math.max(...row)));
        });
      }),
    );
  });

  it("is none where a network is alone", async () => {
    const alone = group([wrong(3, 1)]);
    expect(await greatest(alone, alone)).toEqual({ similarity: Float32Array.of(Number.NaN), index: Int32Array.of(-1) });
  });
});

describe("agreement beyond chance", () => {
  it("is that of the table of right and wrong", () => {
    // Both wrong on 20, only one on 5, only the other on 10, neither on 15: Cohen's own kind of
    // example.
    const m = group([wrong(50, 25), wrong(50, 30, 5)]);
    expect(kappa(m, 0, m, 1)).toBeCloseTo(((20 + 15) / 50 - (25 * 30 + 25 * 20) / 2500) / (1 - 0.5), 12);
  });

  it("is 1 for a network and itself, 0 where mistakes are independent, −1 where they are opposite", () => {
    const m = group([wrong(4, 2), wrong(4, 2, 1), wrong(4, 2, 2)]);
    expect(kappa(m, 0, m, 0)).toBe(1);
    expect(kappa(m, 0, m, 1)).toBe(0);
    expect(kappa(m, 0, m, 2)).toBe(-1);
  });

  it("is 1 where both are always right or both always wrong, 0 where only one is", () => {
    const m = group([wrong(6, 0), wrong(6, 0), wrong(6, 6), wrong(6, 6), wrong(6, 2)]);
    expect(kappa(m, 0, m, 1)).toBe(1);
    expect(kappa(m, 2, m, 3)).toBe(1);
    expect(kappa(m, 0, m, 4)).toBeCloseTo(0, 12);
    expect(kappa(m, 2, m, 4)).toBeCloseTo(0, 12);
    expect(kappa(m, 0, m, 2)).toBe(0);
  });
});

it("the accuracy on the first images counts these alone", () => {
  const networks = group([wrong(70, 10), wrong(70, 10, 40)]);
  expect([20, 45, 70].map((count) => accuracyOnFirst(networks, 0, count))).toEqual([0.5, 35 / 45, 60 / 70]);
  expect([40, 45, 70].map((count) => accuracyOnFirst(networks, 1, count))).toEqual([1, 40 / 45, 60 / 70]);
});

it("the mistakes of some networks of a group are theirs alone", () => {
  const [a, b, c] = [wrong(70, 10), wrong(70, 3, 60), wrong(70, 0)];
  expect(mistakesOf(group([a, b, c]), [2, 1])).toEqual(group([c, b]));
});
