import { describe, expect, it } from "vitest";

import type { Audit } from "../../records/index.ts";
import { scoredAudit, scoredRun } from "../user-metric.fixture.ts";
import { audit, figureOf, group, plot, present, rows, svg, texts, withRuined } from "./figure.fixture.ts";
import { scoreDistanceFigure } from "./score-distance.ts";

const scored = (changes: Partial<Audit> = {}) =>
  present(scoreDistanceFigure(plot, { ...scoredRun, audit: { ...scoredAudit, ...changes } }));

describe("scores against distance", () => {
  it("put copies of the originals at distance 0", () => {
    const frontier = rows(figureOf(scoreDistanceFigure)).filter(
      ({ kind, family }) => kind === "frontier" && family === "noise",
    );
    expect(frontier[0]).toMatchObject({ group: "originals", distance: 0 });
    expect(Number(frontier[0]?.accuracy)).toBeCloseTo(group("originals").score?.mean.value ?? Number.NaN, 9);
  });

  it("name the baselines that lie outside the frame", () => {
    expect(figureOf(scoreDistanceFigure, { groups: withRuined }).caption).toContain("noise:9");
  });

  it("are left out when samples have no distance", () => {
    const groups = audit.groups.map((each) =>
      each.family === "samples" ? { ...each, points: { ...each.points, distance: [] } } : each,
    );
    expect(scoreDistanceFigure(plot, { ...scoredRun, audit: { ...audit, groups } })).toBeUndefined();
  });

  it("are left out when no metric scored the networks", () => {
    expect(scoreDistanceFigure(plot, { ...scoredRun, audit: { ...scoredAudit, metric: null } })).toBeUndefined();
  });

  it("show scores of a user's metric as they are, with the acceptance threshold", () => {
    const figure = scored();
    expect(figure.title).toBe("Accuracy & more at the same distance");
    expect(rows(figure)).toContainEqual(
      expect.objectContaining({ kind: "mean", group: "average:4", distance: 0.8, "accuracy & more": 0.96 }),
    );
    expect(texts(figure)).toEqual(expect.arrayContaining(["accuracy & more", "originals’ mean"]));
    expect(figure.caption).toContain("The dashed horizontal line is the acceptance threshold.");
    expect(figureOf(scoreDistanceFigure).caption).not.toContain("acceptance threshold");
  });

  it("end the frontier at the frame when a lower score is better, too", () => {
    const mirrored = scoredAudit.groups.map((each) => ({
      ...each,
      score: each.score && {
        ...each.score,
        mean: { value: -each.score.mean.value, low: -each.score.mean.high, high: -each.score.mean.low },
      },
      points: { ...each.points, score: each.points.score.map((value) => -Number(value)) },
    }));
    const lower = { ...scoredAudit, metric: scoredAudit.metric && { ...scoredAudit.metric, higherIsBetter: false } };
    const line = (figure: typeof lower & { groups: Audit["groups"] }) =>
      svg(scored(figure)).querySelectorAll('[data-mark="line"] path').length;
    expect(line({ ...lower, groups: mirrored })).toBe(1);
    expect(scored({ ...lower, groups: mirrored }).caption).toContain("lower is better");
  });
});
