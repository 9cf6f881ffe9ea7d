import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { auroc, ece, PROBABILITY_FLOOR, scoresOf } from "./calibration.ts";

describe("scores of probabilities", () => {
  it("are those of their definitions", () => {
    const { right, confidence, nll, brier } = scoresOf([0.7, 0.2, 0.1, 0.25, 0.5, 0.25], [0, 2], 3);
    expect([...right]).toEqual([1, 0]);
    expect([...confidence]).toEqual([Math.fround(0.7), 0.5]);
    expect(nll[0]).toBeCloseTo(-Math.log(0.7), 6);
    expect(nll[1]).toBeCloseTo(Math.log(4), 6);
    expect(brier[0]).toBeCloseTo(0.3 ** 2 + 0.2 ** 2 + 0.1 ** 2, 6);
    expect(brier[1]).toBeCloseTo(0.25 ** 2 + 0.5 ** 2 + 0.75 ** 2, 6);
  });

  it("predict the first of equally probable classes", () => {
    expect([...scoresOf([0.5, 0.5, 0.5, 0.5], [0, 1], 2).right]).toEqual([1, 0]);
  });

  it("count a probability of 0 as the floor", () => {
    const { nll, brier } = scoresOf([1, 0], [1], 2);
    expect(nll[0]).toBeCloseTo(-Math.log(PROBABILITY_FLOOR), 5);
    expect(brier[0]).toBe(2);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("of %d are the worst, for its image only", (broken) => {
    const { right, confidence, nll, brier } = scoresOf([0.9, broken, 1, 0], [0, 0], 2);
    expect([...right]).toEqual([0, 1]);
    expect([...confidence]).toEqual([0, 1]);
    expect(nll[0]).toBeCloseTo(-Math.log(PROBABILITY_FLOOR), 5);
    expect(nll[1]).toBeCloseTo(0, 12);
    expect([...brier]).toEqual([2, 0]);
  });

  it("need a probability for every class of every image", () => {
    expect(() => scoresOf([0.5, 0.5, 1], [0, 1], 2)).toThrow(RangeError);
  });
});

describe("the expected calibration error", () => {
  it("weighs the bins' differences by their images", () => {
    // Two bins: two images of confidence 0.3 with one right, one of 0.8 that is right.
    expect(ece([0.2, 0.4, 0.8], [1, 0, 1], 2)).toBeCloseTo((2 / 3) * 0.2 + (1 / 3) * 0.2, 12);
  });

  it("is 0 where confidence is always the accuracy, all of it where it never is", () => {
    expect(ece([0.75, 0.75, 0.75, 0.75], [1, 1, 0, 1])).toBe(0);
    expect(ece([1, 1, 0], [1, 1, 0])).toBe(0);
    expect(ece([1, 1], [0, 0])).toBe(1);
  });

  it("is the naive sum over bins", () => {
    const images = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1)), { minLength: 1 });
    fc.assert(
      fc.property(images, (all) => {
        let expected = 0;
        for (let bin = 0; bin < 15; bin++) {
          const members = all.filter(([c]) => Math.min(14, Math.floor(c * 15)) === bin);
          if (members.length === 0) continue;
          const mean = (j: 0 | 1) => members.reduce((sum, image) => sum + image[j], 0) / members.length;
          expected += (members.length / all.length) * Math.abs(mean(0) - mean(1));
        }
        const columns = [all.map(([c]) => c), all.map(([, r]) => r)] as const;
        expect(ece(...columns)).toBeCloseTo(expected, 10);
      }),
    );
  });
});

describe("the area under the ROC curve", () => {
  it("is the share of pairs in order, and half of the ties", () => {
    const scores = fc.array(fc.nat(10), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, scores, (positives, negatives) => {
        const pairs = positives.flatMap((p) => negatives.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0)));
        expect(auroc(positives, negatives)).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 12);
      }),
    );
  });

  it("is 1 where the groups are apart, 0 the other way round, ½ where they are one", () => {
    expect(auroc([0.8, 0.9], [0.1, 0.2, 0.3])).toBe(1);
    expect(auroc([0.1, 0.2, 0.3], [0.8, 0.9])).toBe(0);
    expect(auroc([0.5, 0.6], [0.5, 0.6])).toBe(0.5);
  });

  it("takes what is not a number as 0", () => {
    expect(auroc([Number.NaN], [0, 0.1])).toBe(0.25);
  });
});
