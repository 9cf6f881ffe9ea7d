import { describe, expect, it } from "vitest";

import { scoredRun } from "../user-metric.fixture.ts";
import { audit, figureOf, group, plot, rows, texts, withRuined } from "./figure.fixture.ts";
import { scoreSimilarityFigure } from "./score-similarity.ts";

describe("scores against similarity", () => {
  it("have all networks in their table", () => {
    const shown = rows(figureOf(scoreSimilarityFigure)).filter(({ group }) => group === "average:4");
    const { score, greatest } = group("average:4").points;
    expect(shown.map(({ accuracy }) => Number(accuracy).toFixed(6)).toSorted()).toEqual(
      score.map((value) => Number(value).toFixed(6)).toSorted(),
    );
    expect(shown.map((row) => row.greatest_similarity).toSorted()).toEqual(greatest.toSorted());
  });

  it("separate absolute noise from relative noise", () => {
    expect(texts(figureOf(scoreSimilarityFigure))).toEqual(
      expect.arrayContaining(["noise, relative", "noise, absolute"]),
    );
  });

  it("say how many networks lie outside the frame when some are ruined", () => {
    const { caption } = figureOf(scoreSimilarityFigure, { groups: withRuined });
    expect(caption).toMatch(/\d networks far from the others lie outside the frame/);
  });

  it("have one panel when there are no averages and no Gaussians", () => {
    const groups = audit.groups.filter(({ family }) => !["average", "gaussian", "latent"].includes(family));
    expect(texts(figureOf(scoreSimilarityFigure, { groups }))).not.toContain("beside averages and Gaussians");
    expect(texts(figureOf(scoreSimilarityFigure))).toContain("beside averages and Gaussians");
  });

  it("are left out when there are no predictions", () => {
    expect(scoreSimilarityFigure(plot, scoredRun)).toBeUndefined();
  });
});
