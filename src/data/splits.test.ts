import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesOf } from "./split.fixture.ts";
import { copyOut, setApart } from "./splits.ts";

const classes = 4;
const labels = fc.uint8Array({ min: 0, max: classes - 1, minLength: 1, maxLength: 200 } as const);

it("puts every image in one of the splits, in ascending order", () => {
  fc.assert(
    fc.property(labels, fc.nat(200), (labels, wanted) => {
      const count = Math.min(wanted, labels.length - 1);
      const { train, selection } = setApart(labels, classes, count);
      expect(selection.length).toBe(count);
      expect([...train]).toEqual([...train].sort((a, b) => a - b));
      expect([...selection]).toEqual([...selection].sort((a, b) => a - b));
      expect([...train, ...selection].sort((a, b) => a - b)).toEqual([...labels.keys()]);
    }),
  );
});

it("takes the same share of every class, up to rounding", () => {
  fc.assert(
    fc.property(labels, fc.nat(200), (labels, wanted) => {
      const count = Math.min(wanted, labels.length - 1);
      const { selection } = setApart(labels, classes, count);
      for (let c = 0; c < classes; c++) {
        const share = (labels.filter((label) => label === c).length * count) / labels.length;
        expect(Math.abs(selection.filter((i) => labels[i] === c).length - share)).toBeLessThanOrEqual(
          (classes - 1) / 2 + 1e-9,
        );
      }
    }),
  );
});

it("chooses by a fixed shuffle", () => {
  const { selection } = setApart(new Uint8Array(20), classes, 5);
  expect([...selection]).toEqual([9, 13, 16, 18, 19]);
});

it("copies images with zeros around them", () => {
  const images = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
  const split = copyOut({ channels: 1, height: 2, width: 3, images, labels: Uint8Array.of(7, 9) }, Int32Array.of(1), 1);
  expect(split.count).toBe(1);
  expect([...split.labels]).toEqual([9]);
  expect([...bytesOf(split)]).toEqual([0, 0, 0, 0, 0, 0, 7, 8, 9, 0, 0, 10, 11, 12, 0, 0, 0, 0, 0, 0]);
});

it("copies colour images with zeros around every channel", () => {
  const images = Uint8Array.from({ length: 2 * 3 * 2 }, (_, i) => i + 1);
  const colour = { channels: 3, height: 1, width: 2, images, labels: Uint8Array.of(7, 9) };
  expect([...bytesOf(copyOut(colour, Int32Array.of(1, 0), 0))]).toEqual([
    ...images.subarray(6),
    ...images.subarray(0, 6),
  ]);
  expect([...bytesOf(copyOut(colour, Int32Array.of(1), 1))]).toEqual([
    0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 12, 0, 0, 0, 0, 0,
  ]);
});
