import { describe, expect, it } from "vitest";

import { key } from "../../random/index.ts";
import { mistakes } from "../similarity.ts";
import type { AuditInput, PlacedGroup } from "./audit-input.ts";
import { remarksOf } from "./audit-remarks.ts";

const group = (scores: readonly (number | null)[], more: Partial<PlacedGroup> = {}): PlacedGroup => ({
  scores,
  raw: Float64Array.from(scores, () => 1),
  standardised: Float64Array.from(scores, () => 1),
  isolation: Float64Array.from(scores, () => 1),
  ...more,
});

/** Networks of a metric that are scored as they should be. */
const input = (more: Partial<AuditInput> = {}): AuditInput => ({
  metric: { name: "loss", unit: "number", higherIsBetter: false, reason: "its name says so" },
  originals: group([1, 1]),
  heldOut: group([1, 1]),
  samples: group([1, 1]),
  shuffled: group([5, 5]),
  baselines: [],
  byUnits: false,
  neighbours: 0,
  originalsDiffer: true,
  toMean: 1,
  apart: 1,
  key: key(1),
  ...more,
});

it("nothing is remarked where there is nothing to mind", () => {
  expect(remarksOf(input())).toEqual([]);
});

it("the want of held-out networks is remarked", () => {
  expect(remarksOf(input({ heldOut: undefined }))).toEqual([expect.stringMatching(/^No networks were held out/)]);
});

describe("of networks that a metric scores", () => {
  it("failed measurements are remarked", () => {
    expect(remarksOf(input({ samples: group([1, null, null]) }))).toEqual([
      "2 of 3 samples could not be measured; they count as not reaching the acceptance threshold.",
    ]);
    expect(remarksOf(input({ originals: group([null, null]) }))).toEqual(["None of the originals could be measured."]);
  });

  it("a metric is remarked for which shuffled parameters are as good", () => {
    expect(remarksOf(input({ shuffled: group([0.5, 1.5]) }))).toEqual([
      expect.stringMatching(/^Networks with shuffled parameters score as well .*: loss does not depend/),
    ]);
  });
});

describe("of classifiers", () => {
  // Right on 3, on 1 and on none of 4 images.
  const selection = mistakes([0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0]);

  it("samples that are not finite or only guess are remarked", () => {
    const raw = Float64Array.of(1, 2, Number.POSITIVE_INFINITY);
    expect(remarksOf(input({ samples: group([0.7, 0.2, 0], { raw, selection }), chance: 0.25 }))).toEqual([
      expect.stringMatching(/^1 of 3 samples hold numbers that are not finite/),
      "2 of 3 samples do no better on the selection images than always naming the most frequent class.",
    ]);
  });

  it("originals that equal another are remarked, unless all are equal", () => {
    const originals = group([1, 1, 1], { raw: Float64Array.of(0, 0, 3) });
    const samples = group([0.7, 0.2, 0], { selection });
    expect(remarksOf(input({ originals, samples }))).toEqual([
      "2 originals equal another one that is no neighbour of theirs.",
    ]);
    expect(remarksOf(input({ originals, samples, originalsDiffer: false }))).toEqual([]);
  });
});
