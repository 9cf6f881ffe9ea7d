import { describe, expect, it } from "vitest";

import { foldIn, key, uniform } from "../../random/index.ts";
import { accuracies, mistakes } from "../similarity.ts";
import { excessAtMatchedDistance, type Placed } from "./matched-distance.ts";

const IMAGES = 400;

/** Networks of an accuracy at a distance, each wrong on images of its own choice. */
function placed(name: string, count: number, accuracy: number, distance: number): Placed & { readonly name: string } {
  const draws = uniform(foldIn(key(1), name), count * IMAGES);
  const wrong = Uint8Array.from(draws, (u) => (u < accuracy ? 0 : 1));
  const test = mistakes(wrong, new Uint8Array(IMAGES));
  return { name, distance: Array(count).fill(distance), values: accuracies(test), test };
}

const copies = placed("originals", 100, 0.9, 0);
const excess = (samples: Placed, ...settings: (Placed & { readonly name: string })[]) =>
  excessAtMatchedDistance({ samples, settings: [copies, ...settings], key: key(2) });

describe("the excess at matched distance", () => {
  it("of a baseline's own draws is none", async () => {
    const { excess: own } = await excess(placed("more", 100, 0.8, 1), placed("baseline", 100, 0.8, 1));
    expect(own.low).toBeLessThan(0);
    expect(own.high).toBeGreaterThan(0);
  });

  it("is measured on the line between two settings, which whoever mixes them can reach", async () => {
    // Halfway, a mixture is right on 80 %; matching allows a twentieth of the distance.
    const far = placed("far", 200, 0.7, 1);
    const { excess: half, exact, through } = await excess(placed("s", 200, 0.85, 0.5 / 0.95), far);
    expect(half.value).toBeCloseTo(0.05, 1.7);
    expect(through).toEqual(["originals", "far"]);
    // The line falls by 0.2 on the way to 1, so what is granted is worth 0.2 × (0.5 / 0.95 − 0.5).
    expect(exact.value - half.value).toBeCloseTo(0.2 * (0.5 / 0.95 - 0.5), 2);
    expect((await excess(placed("s", 200, 0.85, 0.5), far)).exact.value).toBeCloseTo(0.05, 1.7);
  });

  it("takes no account of settings that others pass on both counts, or that lie under a line", async () => {
    const { through } = await excess(
      placed("s", 50, 0.8, 0.5),
      placed("nearer and worse", 50, 0.7, 0.4),
      placed("better", 50, 0.88, 0.6),
      placed("under the line", 50, 0.6, 0.8),
      placed("far", 50, 0.5, 1),
    );
    expect(through).toEqual(["originals", "better", "far"]);
  });

  it("counts what a baseline reaches farther out for samples that lie nearer", async () => {
    const { excess: near, through } = await excess(placed("s", 200, 0.92, 0.1), placed("good", 200, 0.96, 0.5));
    expect(through).toEqual(["good"]);
    expect(near.high).toBeLessThan(0);
  });

  it("tells which share of samples lies beyond the baseline", async () => {
    const beyond = async (distance: number) =>
      (await excess(placed("s", 20, 0.9, distance), placed("r", 20, 0.8, 1))).beyond;
    expect([await beyond(0.5), await beyond(1.04), await beyond(1.1)]).toEqual([0, 0, 1]);
  });

  it("is known more exactly from more networks", async () => {
    const width = async (count: number) => {
      const { low, high } = (await excess(placed("s", count, 0.8, 1), placed("r", count, 0.75, 1))).excess;
      return high - low;
    };
    expect(await width(400)).toBeLessThan(await width(10));
  });

  it("ignores networks that are nowhere", async () => {
    const { through } = await excess(placed("s", 10, 0.8, 0.5), placed("lost", 10, 0.99, Number.POSITIVE_INFINITY));
    expect(through).toEqual(["originals"]);
  });

  it("is the same for the same key", async () => {
    const found = () => excess(placed("s", 20, 0.8, 0.7), placed("r", 20, 0.8, 1));
    expect(await found()).toEqual(await found());
  });
});
