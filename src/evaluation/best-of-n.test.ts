import { describe, expect, it } from "vitest";

import { bernoulli, foldIn, key } from "../random/index.ts";
import { choice } from "./best-of-n.ts";
import { resample } from "./bootstrap.ts";
import { accuracies, mistakes } from "./similarity.ts";

/** A group whose networks get images wrong independently with their own chance. */
const group = (seed: number, images: number, chances: readonly number[]) =>
  mistakes(
    chances.flatMap((p, k) => Array.from(bernoulli(foldIn(key(seed), k), images, 1 - p), (x) => (x > 0 ? 1 : 0))),
    new Uint8Array(images),
  );

/** A group of which network k gets `wrong[k]` of 10 images wrong. */
const exactly = (wrong: readonly number[]) =>
  mistakes(
    wrong.flatMap((w) => Array.from({ length: 10 }, (_, i) => (i < w ? 1 : 0))),
    new Uint8Array(10),
  );

/** The choice with its own resamplings of the test images. */
const chosenBy = async ({ rounds, ...options }: Omit<Parameters<typeof choice>[0], "images"> & { rounds?: number }) =>
  choice({
    ...options,
    images: await resample(options.test.images, foldIn(options.key, "images"), { ...(rounds && { rounds }) }),
  });

const mean = (values: readonly number[] | Float64Array) => [...values].reduce((a, b) => a + b, 0) / values.length;

describe("choosing the best of many networks", () => {
  it("tells the test accuracy of the best by selection, the first of equals, and the greatest there is", async () => {
    const found = await chosenBy({ selection: exactly([4, 1, 1, 2]), test: exactly([2, 3, 5, 1]), key: key(1) });
    expect(found).toMatchObject({ count: 4, byTest: 0.9 });
    expect(found.bySelection.value).toBeCloseTo(0.7, 12);
  });

  it("knows the accuracy of the chosen one as well as its test images let it", async () => {
    const { bySelection } = await chosenBy({
      selection: exactly([0, 1]),
      test: group(2, 3000, [0.2, 0.9]),
      key: key(3),
    });
    const expected = 2 * 1.96 * Math.sqrt((0.2 * 0.8) / 3000);
    expect(Math.abs((bySelection.high - bySelection.low) / expected - 1)).toBeLessThan(0.15);
    expect(bySelection.low).toBeLessThan(bySelection.value);
    expect(bySelection.high).toBeGreaterThan(bySelection.value);
  });

  it("gains what the better networks are better by, where selection knows them", async () => {
    const chances = Array.from({ length: 40 }, (_, k) => (k < 20 ? 0.1 : 0.5));
    const [selection, test] = [group(4, 2000, chances), group(5, 2000, chances)];
    const { gain } = await chosenBy({ selection, test, key: key(6) });
    expect(Math.abs(gain.value - 0.2)).toBeLessThan(0.02);
    expect(gain.low).toBeGreaterThan(0.15);
  });

  it("gains nothing where selection says nothing of the test, though choosing on the test seems to", async () => {
    const found: { gain: number; flattered: number }[] = [];
    for (let t = 0; t < 20; t++) {
      const [selection, test] = [group(100 + t, 400, Array(30).fill(0.3)), group(200 + t, 400, Array(30).fill(0.3))];
      const { gain, byTest } = await chosenBy({ selection, test, key: foldIn(key(9), t), rounds: 200 });
      found.push({ gain: gain.value, flattered: byTest - mean(accuracies(test)) });
    }
    expect(Math.abs(mean(found.map(({ gain }) => gain)))).toBeLessThan(0.015);
    expect(mean(found.map(({ flattered }) => flattered))).toBeGreaterThan(0.03);
  });

  it("is flattered by the images it chose on, the more the more networks alike there are", async () => {
    const optimism = async (count: number) => {
      const alike = group(10, 400, Array(count).fill(0.3));
      return (await chosenBy({ selection: alike, test: alike, key: key(11), rounds: 1 })).optimism;
    };
    const [few, many] = [await optimism(3), await optimism(60)];
    // The expected greatest of 60 standard normal numbers is 2.3, of 3 it is 0.85, and the standard
    // error of a half √(0.21 / 200).
    expect(Math.abs(many / (2.3 * Math.sqrt(0.21 / 200)) - 1)).toBeLessThan(0.25);
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(0.6 * many);
  });

  it("is not flattered where one network is best on any images", async () => {
    const test = group(12, 600, [0.01, 0.5, 0.6, 0.7]);
    expect(Math.abs((await chosenBy({ selection: test, test, key: key(13), rounds: 1 })).optimism)).toBeLessThan(0.005);
  });

  it("of a single network gains nothing and is not flattered", async () => {
    const only = group(14, 101, [0.4]);
    const found = await chosenBy({ selection: only, test: only, key: key(15) });
    expect(found).toMatchObject({ count: 1, gain: { value: 0, low: 0, high: 0 }, optimism: 0 });
    expect(found.byTest).toBe(found.bySelection.value);
  });

  it("is the same with the same key", async () => {
    const options = { selection: group(16, 50, [0.3, 0.4]), test: group(17, 50, [0.3, 0.4]), key: key(18), rounds: 50 };
    expect(await chosenBy(options)).toEqual(await chosenBy(options));
  });
});
