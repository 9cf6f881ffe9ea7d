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
  copies: {
    near: 1,
    alike: 0,
    count: 1,
    samples: 100,
    similarity: 0.87,
    fresh: { count: 0, networks: 250 },
    p: 0.3,
  },
  radius: 0.5,
  zu: 0.4,
  p: 0.6,
  distance: 1.02,
  farthest: 0.9,
  pull: null,
  collapse: 1.01,
  nearMean: false,
  isolation: { p: 0.4, share: 1 },
  excess: [excess("average", 0.01, 0.02, 0.03), excess("gaussian", 0.05, 0.06, 0.07)],
  averagingSignature: false,
  performance: { samples: { value: 0.6, low: 0.5, high: 0.7 }, heldOut: 0.95, gap: 0.002 },
  findsMovedCopies: true,
};

const copied = (count: number, p: number) => ({ copies: { ...good.copies, near: count, count, p } });
const pulled = (share: number, p: number, gaussian = 0.75) => ({
  pull: { share, p, seen: 150, unseen: 50, baselines: [{ family: "gaussian" as const, share: gaussian }] },
});

describe("the verdict", () => {
  it("is novel where samples pass every baseline at their distance and lie as far as fresh networks", () => {
    const { name, rule } = verdictOf(good);
    expect(name).toBe("novel");
    expect(rule).toContain("2.00 points [1.00, 3.00] above that of the best baseline, averages of originals");
    expect(rule).toContain(
      "60.0 % [50.0 %, 70.0 %] of them reach the acceptance threshold, of held-out networks 95.0 %",
    );
    expect(rule).toContain("1 of 100 repeat an original");
  });

  it.each([
    ["undecided", { counts: { ...good.counts, heldOut: 4 } }, "There are 4 held-out networks"],
    ["undecided", { originalsDiffer: false }, "all the same network"],
    ["broken", { medianSample: 0.7 }, "right on 70.0 % of the selection images, below 74.5 %"],
    ["broken", { medianSample: Number.NaN }, "NaN"],
    ["replica", copied(50, 1e-9), "50 of 100 samples repeat an original: 50 lie within 0.50 of one original"],
    ["replica in part", copied(8, 0.004), "Of 250 networks that cannot be copies, 0 do (p 0.004)"],
    [
      "replica",
      { copies: { ...good.copies, near: 1, alike: 70, count: 71, p: 1e-9 } },
      "70 make the mistakes of one original",
    ],
    ["replica", pulled(0.7, 0.001), "70.0 % of them lie nearer to a network that was learned from"],
    ["collapsed", { collapse: 0.3 }, "0.30 times as far from the nearest other sample"],
    ["off the map", { farthest: 3.9 }, "3.90 times as large as that of all but the farthest 5 %"],
    [
      "new",
      { performance: { samples: { value: 0.3, low: 0.2, high: 0.4 }, heldOut: 0.95, gap: 0.048 } },
      "30.0 % [20.0 %, 40.0 %] of them reach",
    ],
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
    expect(verdictOf({ ...good, medianSample: 0.2, ...copied(100, 0) }).name).toBe("broken");
  });

  it("takes a copy among many fresh networks for chance, which explains as much", () => {
    expect(verdictOf({ ...good, ...copied(2, 0.08) }).name).toBe("novel");
  });

  it("finds copies where nothing was held out, and is undecided about all others", () => {
    const counts = { ...good.counts, heldOut: 0 };
    expect(verdictOf({ ...good, counts, ...copied(80, 1e-6) }).name).toBe("replica");
    expect(verdictOf({ ...good, counts }).name).toBe("undecided");
  });

  it("finds collapse where nothing was held out, measured by the originals", () => {
    const counts = { ...good.counts, heldOut: 0 };
    expect(verdictOf({ ...good, counts, collapse: 0.3 })).toMatchObject({
      name: "collapsed",
      rule: expect.stringContaining(
        "0.30 times as far from the nearest other sample as originals lie from one another",
      ),
    });
    expect(verdictOf({ ...good, counts, collapse: 0.3, nearMean: true }).name).toBe("undecided");
    expect(verdictOf({ ...good, counts: { ...counts, samples: 4 }, collapse: 0.3 }).name).toBe("undecided");
  });

  it("says how many repeat an original, and how far below trained networks samples are", () => {
    expect(verdictOf({ ...good, ...copied(18, 1e-6) }).label).toBe("replica in part: 18 of 100");
    const weak = { samples: { value: 0, low: 0, high: 0.04 }, heldOut: 0.95, gap: 0.048 };
    expect(verdictOf({ ...good, performance: weak }).label).toBe("new, 4.80 points below trained networks");
    expect(verdictOf(good).label).toBe("novel, 0.20 points below trained networks");
    const equal = { samples: { value: 0.93, low: 0.88, high: 0.97 }, heldOut: 0.95, gap: 0.002 };
    expect(verdictOf({ ...good, performance: equal })).toMatchObject({
      label: "novel",
      meaning: expect.stringContaining("perform as trained ones do"),
    });
  });

  it("takes a pull by its size, beside that of baselines, however sure it is", () => {
    expect(verdictOf({ ...good, ...pulled(0.58, 0.001) }).name).toBe("novel");
    expect(verdictOf({ ...good, ...pulled(0.64, 0.001) }).name).toBe("replica");
    expect(verdictOf({ ...good, ...pulled(0.64, 0.3) }).name).toBe("novel");
    // Trained less long, networks lie nearer to all others, seen or not.
    expect(verdictOf({ ...good, ...pulled(0.5, 0.5), zu: -8, p: 0.001, distance: 0.93 }).name).toBe("novel");
  });

  it("names ties by the kind that says most against the samples, whatever the order of the list", () => {
    const tie = [excess("gaussian", -0.01, 0, 0.01), excess("noise", -0.01, 0, 0.01)];
    expect(verdictOf({ ...good, excess: tie }).name).toBe("replica");
    expect(verdictOf({ ...good, excess: tie.toReversed() }).name).toBe("replica");
  });

  it("calls no replica what is worth as much as noise, where it does not hold on to the originals", () => {
    const noisy = { ...good, excess: [excess("noise", -0.1, 0, 0.1)] };
    const { name, rule } = verdictOf({ ...noisy, ...pulled(0.52, 0.3) });
    expect(name).toBe("noise-like");
    expect(rule).toContain("52.0 % of them lie nearer to a network that was learned from");
    expect(verdictOf({ ...noisy, ...pulled(0.9, 0.001) }).name).toBe("replica");
  });

  it("says when samples are reliably worse", () => {
    const { rule } = verdictOf({ ...good, excess: [excess("average", -0.03, -0.02, -0.01)] });
    expect(rule).toContain("that of averages of originals: reliably worse.");
  });

  it("does not call networks novel without a word on symmetries that it does not know", () => {
    expect(verdictOf({ ...good, findsMovedCopies: false }).rule).toContain("changed places or signs would look new");
    expect(verdictOf(good).rule).not.toContain("signs");
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
    expect(rule).toContain("they lie 0.98 times as far from the originals as held-out networks do");
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
