import { describe, expect, it } from "vitest";

import { key } from "../../random/index.ts";
import { mistakes } from "../similarity.ts";
import { describeGroup, type GroupScale } from "./audit-group.ts";
import type { AuditedGroup } from "./audit-input.ts";

const scale: GroupScale = {
  metric: { name: "loss", unit: "number", higherIsBetter: false, reason: "its name says so" },
  utility: (score) => -score,
  threshold: -2,
  unit: 10,
  ownDistance: 5,
  images: undefined,
  key: key(1),
};
const describeSamples = (
  group: AuditedGroup,
  originals: AuditedGroup = { scores: [] },
  more: Partial<GroupScale> = {},
) => describeGroup({ name: "samples", family: "samples", group }, originals, { ...scale, ...more });

const group: AuditedGroup = {
  scores: [1, 3, null, 2],
  raw: Float64Array.of(4, 5, Number.POSITIVE_INFINITY, 6),
  standardised: Float64Array.of(6, 20, Number.POSITIVE_INFINITY, 12),
};

describe("a row of the audit's table", () => {
  it("counts failures, and summarises the scores that there are, the least loss best", async () => {
    const { count, failed, score } = await describeSamples(group);
    expect([count, failed]).toEqual([4, 1]);
    expect(score).toMatchObject({ mean: { value: 2 }, median: 2, best: 1 });
    expect(score!.sd).toBeCloseTo(Math.sqrt(2 / 3), 12);
  });

  it("has finite distances in units of the scale, and a point for every network", async () => {
    const { raw, distance, points } = await describeSamples(group);
    expect([raw.median, distance.median]).toEqual([5, 1.2]);
    expect(points.score).toEqual(group.scores);
    expect(points.distance).toEqual([0.6, 2, Number.POSITIVE_INFINITY, 1.2]);
  });

  it("has the share of networks that reach the threshold beyond multiples of the originals' own distance", async () => {
    // Networks 1 and 4 reach it, at 1.2 and 2.4 times that distance.
    expect((await describeSamples(group)).novel).toEqual({ 1: 0.5, 2: 0.25, 3: 0, 4: 0, 6: 0 });
    expect((await describeSamples(group, undefined, { threshold: undefined })).novel).toEqual({});
  });

  it("has no scores without a metric, and no similarity without predictions", async () => {
    const { failed, score, similarity, kappa } = await describeSamples({ scores: [null] }, undefined, { metric: null });
    expect([failed, score, similarity, kappa]).toEqual([0, null, null, Number.NaN]);
  });

  it("compares mistakes with those of the originals", async () => {
    const labels = [0, 0, 0, 0];
    // Wrong on images 0 and 1; the originals on 0, and on 0, 1 and 2.
    const samples = { scores: [1], test: mistakes([1, 1, 0, 0], labels) };
    const originals = { scores: [1, 1], test: mistakes([1, 0, 0, 0, 1, 1, 1, 0], labels) };
    const { similarity, points } = await describeSamples(samples, originals);
    expect(similarity!.toOriginals).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
    expect(similarity!.greatest).toBeCloseTo(2 / 3, 6);
    expect(points.greatest).toEqual([expect.closeTo(2 / 3, 6)]);
    const own = await describeGroup({ name: "originals", family: "originals", group: originals }, originals, scale);
    expect(own.similarity!.toOriginals).toBeCloseTo(1 / 3, 12);
  });
});
