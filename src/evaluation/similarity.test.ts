import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { meanPairwiseIoU, wrongMask } from "./index.ts";

/** Labels of a data set and the predictions of some networks for it. */
const cases = fc.integer({ min: 1, max: 100 }).chain((images) => {
  const labels = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: images, maxLength: images });
  return fc.tuple(labels, fc.array(labels, { minLength: 2, maxLength: 5 }));
});

/** The definition, image by image. */
function naive(labels: readonly number[], networks: readonly (readonly number[])[]): number {
  const wrong = networks.map((predictions) => labels.map((label, i) => predictions[i] !== label));
  const values = wrong.flatMap((a, i) =>
    wrong.slice(0, i).map((b) => {
      const both = a.filter((x, k) => x && b[k]).length;
      const either = a.filter((x, k) => x || b[k]).length;
      return either === 0 ? 1 : both / either;
    }),
  );
  return values.reduce((x, y) => x + y, 0) / values.length;
}

describe("the similarity of networks", () => {
  it("is the intersection over the union of their mistakes, averaged over pairs", () => {
    fc.assert(
      fc.property(cases, ([labels, networks]) => {
        const masks = networks.map((predictions) => wrongMask(predictions, labels));
        expect(meanPairwiseIoU(masks)).toBeCloseTo(naive(labels, networks), 12);
      }),
    );
  });

  it("counts every image, in words that are full of mistakes too", () => {
    for (const images of [1, 31, 32, 33, 64, 65]) {
      const labels = new Uint8Array(images);
      const all = wrongMask(new Uint8Array(images).fill(1), labels);
      const last = wrongMask(new Uint8Array(images).fill(1, images - 1), labels);
      expect(meanPairwiseIoU([all, last])).toBeCloseTo(1 / images, 12);
    }
  });

  it("is 1 for two networks without mistakes, 0 where only one makes any", () => {
    const perfect = wrongMask([0, 1, 2], [0, 1, 2]);
    const flawed = wrongMask([0, 1, 1], [0, 1, 2]);
    expect(meanPairwiseIoU([perfect, perfect])).toBe(1);
    expect(meanPairwiseIoU([perfect, flawed])).toBe(0);
  });

  it("of a single network is 1", () => {
    expect(meanPairwiseIoU([wrongMask([1], [0])])).toBe(1);
  });
});
