import { describe, expect, it } from "vitest";

import { verdictOf } from "./verdict.ts";
import type { VerdictFacts } from "./verdict-facts.ts";

const excess = (family: VerdictFacts["excess"][number]["family"], low: number, value: number, high: number) => ({
  family,
  excess: { value, low, high },
});

/** A generator that makes new networks. */
const good: VerdictFacts = {
  counts: { originals: 200, heldOut: 50, samples: 100 },
  originalsDiffer: true,
  acceptanceThreshold: 0.96,
  chanceKnown: true,
  chance: 0.1,
  medianSample: 0.97,
  nearDuplicates: 2,
  radius: 0.5,
  zu: 0.4,
  p: 0.6,
  distance: 1.02,
  isolation: { p: 0.4, share: 1 },
  excess: [excess("average", 0.01, 0.02, 0.03), excess("gaussian", 0.05, 0.06, 0.07)],
  averagingSignature: false,
  novel: { samples: { value: 0.5, low: 0.4, high: 0.6 }, heldOut: 0.55 },
};

describe("the verdict", () => {
  it("is novel where samples pass every baseline at their distance and lie as far as fresh networks", () => {
    const { name, rule } = verdictOf(good);
    expect(name).toBe("novel");
    expect(rule).toContain("2.00 points [1.00, 3.00] above that of the best baseline, averages of originals");
    expect(rule).toContain("50.0 % [40.0 %, 60.0 %] of them reach the acceptance threshold");
  });

  it.each([
    ["undecided", { counts: { ...good.counts, heldOut: 2 } }, "There are 2 held-out networks"],
    ["undecided", { originalsDiffer: false }, "all the same network"],
    ["broken", { medianSample: 0.7 }, "right on 70.0 % of the selection images, below 74.5 %"],
    ["broken", { medianSample: Number.NaN }, "NaN"],
    ["replica", { nearDuplicates: 25, p: 0.001, zu: -8 }, "25 of 100 samples lie within 0.50 of one original"],
    [
      "replica",
      { p: 0.001, zu: -3.2, distance: 0.8 },
      "but they lie nearer to the originals than held-out networks do (0.80 of their median distance, Z_U −3.2",
    ],
    [
      "replica",
      { isolation: { p: 0.001, share: 0.7 } },
      "but each lies nearer to one original than to others, as held-out networks do not: its nearest is 0.70 times as far",
    ],
    [
      "average-like",
      { excess: [excess("average", -0.01, 0.001, 0.01)] },
      "0.10 points [−1.00, 1.00] above that of averages",
    ],
    [
      "gaussian-like",
      { excess: [excess("gaussian", -0.02, -0.01, 0)] },
      "1.00 points [0.00, 2.00] below that of draws",
    ],
    [
      "gaussian-like",
      { excess: [excess("latent", 0, 0.01, 0.02)] },
      "simple distribution of the autoencoder's latents",
    ],
    ["replica", { excess: [excess("noise", -0.1, 0, 0.1)] }, "that of originals with noise"],
  ] as const)("is %s for its reason", (name, facts: Partial<VerdictFacts>, reason) => {
    const verdict = verdictOf({ ...good, ...facts });
    expect(verdict.name).toBe(name);
    expect(verdict.rule).toContain(reason);
    expect(verdict.meaning).toMatch(/\.$/);
  });

  it("takes the first rule that fires: networks that do not work are not called copies", () => {
    expect(verdictOf({ ...good, medianSample: 0.2, nearDuplicates: 100, p: 0.001 }).name).toBe("broken");
  });

  it("calls copies only what the copying statistic confirms", () => {
    expect(verdictOf({ ...good, nearDuplicates: 60, p: 0.2 }).name).toBe("novel");
  });

  it("lets the signature of averaging decide between baselines that all match the samples", () => {
    const both = [excess("gaussian", -0.02, -0.01, 0.01), excess("average", -0.01, 0, 0.01)];
    expect(verdictOf({ ...good, excess: both }).name).toBe("gaussian-like");
    const { name, rule } = verdictOf({ ...good, excess: both, averagingSignature: true });
    expect(name).toBe("average-like");
    expect(rule).toContain("Nor is it above that of draws from a normal distribution");
    expect(rule).toContain("as averages are");
  });

  it("is novel only where the samples pass every baseline, not the best one alone", () => {
    const unsure = [excess("average", 0.01, 0.02, 0.03), excess("gaussian", -0.01, 0.03, 0.07)];
    expect(verdictOf({ ...good, excess: unsure }).name).toBe("gaussian-like");
  });

  it("rounds nothing into a tie or to the other side of it", () => {
    expect(verdictOf({ ...good, medianSample: 0.7449 }).rule).toContain(
      "right on 74.49 % of the selection images, below 74.50 %",
    );
    const { name, rule } = verdictOf({ ...good, excess: [excess("average", -0.00001, 0.001, 0.002)] });
    expect(name).toBe("average-like");
    expect(rule).toContain("[−0.001, 0.20]");
  });

  it("takes no difference for nearness that is sure, but slight", () => {
    const { name, rule } = verdictOf({
      ...good,
      p: 0.001,
      zu: -4,
      distance: 0.98,
      isolation: { p: 0.001, share: 0.99 },
    });
    expect(name).toBe("novel");
    expect(rule).toContain(
      "as far from the originals as held-out networks do (0.98 of their median distance, Z_U −4.0",
    );
  });

  it("is undecided where no baseline lies as far out, and where the networks learned from are no better than guessing", () => {
    expect(verdictOf({ ...good, excess: [] })).toMatchObject({
      name: "undecided",
      rule: expect.stringContaining("No baseline lies as far from the originals"),
    });
    expect(verdictOf({ ...good, acceptanceThreshold: good.chance })).toMatchObject({
      name: "undecided",
      rule: expect.stringContaining("no better than guessing"),
    });
  });

  it("calls nothing broken by a level that was not measured", () => {
    const unknown = { ...good, chanceKnown: false, chance: 0.955 };
    const { name, rule } = verdictOf({ ...unknown, medianSample: 0.956 });
    expect(name).toBe("undecided");
    expect(rule).toContain("the accuracy without learning is not known");
    expect(rule).not.toContain("95.5 %");
    expect(verdictOf(unknown).name).toBe("novel");
    expect(verdictOf({ ...good, chance: 0.955, medianSample: 0.956 }).name).toBe("broken");
  });
});
