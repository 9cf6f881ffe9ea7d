import { describe, expect, it } from "vitest";
import { at } from "../../lookup.ts";
import { foldIn, key, normal, uniform } from "../../random/index.ts";
import { type Mistakes, mistakes } from "../similarity.ts";
import { stepsFor, trainingScale, type WorthGroup } from "./training-worth.ts";

const IMAGES = 2000;
const COUNTS = [10, 20, 40, 80, 160];

/** Accuracy after a number of steps: each doubling halves the mistakes. */
const errorAfter = (steps: number) => 0.4 * (10 / steps);
/** How hard each image is, the same for all networks. */
const hardness = uniform(key(1), IMAGES);

/**
 * Mistakes of a network of some error: on the hardest images, but for some taste of its own.
 * @param taste 0: all networks fail on the same images; 1 and more: each on others.
 */
function mistaken(name: string, networks: readonly { error: number; taste: number }[]): Mistakes {
  const rows = networks.map(({ error, taste }, k) => {
    const own = normal(foldIn(key(2), name, k), IMAGES);
    const scores = Array.from(hardness, (h, i) => h + taste * own[i]!);
    const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
    const wrong = new Set(order.slice(0, Math.round(error * IMAGES)));
    return Array.from({ length: IMAGES }, (_, i) => (wrong.has(i) ? 1 : 0));
  });
  return mistakes(rows.flat(), new Uint8Array(IMAGES));
}

const NETWORKS = 12;
const rows = COUNTS.flatMap((steps) => Array.from({ length: NETWORKS }, (_, network) => ({ steps, network })));
const skill = normal(key(3), NETWORKS).map((z) => 1 + 0.03 * z);
const fresh = {
  steps: rows.map(({ steps }) => steps),
  network: rows.map(({ network }) => network),
  test: mistaken(
    "fresh",
    rows.map(({ steps, network }) => ({ error: errorAfter(steps) * at(skill, network), taste: 0.05 })),
  ),
};

const group = (name: string, error: number, taste: number, count = 20): WorthGroup => {
  const test = mistaken(
    name,
    Array.from({ length: count }, () => ({ error, taste })),
  );
  return { name, family: "samples", test, scores: Array.from(test.errors, (wrong) => 1 - wrong / IMAGES) };
};

const worthOf = async (...groups: readonly WorthGroup[]) => (await trainingScale({ fresh, groups, key: key(4) })).worth;

describe("the worth in training steps", () => {
  it("of fresh networks is what they were trained", async () => {
    const [worth] = await worthOf(group("forty", errorAfter(40), 0.05));
    expect(worth?.steps.low).toBeLessThan(40);
    expect(worth?.steps.high).toBeGreaterThan(40);
    expect(Math.abs(Math.log2(worth!.steps.value / 40))).toBeLessThan(0.1);
    expect(worth!.steps.high / worth!.steps.low).toBeLessThan(1.2);
  });

  it("is the first number of steps where networks are worse, and the last where they are better", async () => {
    const [bad, good] = await worthOf(group("bad", 0.6, 0.05), group("good", 0.001, 0.05));
    expect([bad?.steps.value, good?.steps.value]).toEqual([10, 160]);
  });

  it("comes with the shared mistakes of fresh networks, which those of noise are below", async () => {
    const [alike, noisy] = await worthOf(group("alike", errorAfter(40), 0.05), group("noisy", errorAfter(40), 1));
    expect(Math.abs(alike!.within - alike!.freshWithin)).toBeLessThan(0.05);
    expect(noisy!.within).toBeLessThan(noisy!.freshWithin / 2);
  });

  it("has the scale beside it", async () => {
    const { fresh: scale, networks, steps } = await trainingScale({ fresh, groups: [], key: key(4) });
    expect({ networks, steps }).toEqual({ networks: NETWORKS, steps: 160 });
    expect(scale.map((point) => point.steps)).toEqual(COUNTS);
    for (const { steps: after, accuracy } of scale)
      expect(Math.abs(1 - accuracy.value - errorAfter(after))).toBeLessThan(0.02);
  });
});

it("steps between two numbers lie on a straight line over their logarithm, and falls count for nothing", () => {
  const [counts, means] = [
    [10, 100, 1000, 10_000],
    [0.2, 0.6, 0.5, 0.8],
  ];
  expect(stepsFor(0.4, counts, means)).toBeCloseTo(10 ** 1.5, 6);
  expect(stepsFor(0.7, counts, means)).toBeCloseTo(10 ** 3.5, 6);
});
