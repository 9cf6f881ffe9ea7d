import { describe, expect, it } from "vitest";

import { denoisingFigure } from "./denoising.ts";
import { audit, figureOf, texts } from "./figure.fixture.ts";

describe("the denoising", () => {
  it("counts the starts that end above the originals", () => {
    const trajectory = {
      times: [2, 1, 0],
      accuracy: [
        [0.1, 0.5, 0.99],
        [0.1, 0.4, 0.9],
      ],
    };
    expect(figureOf(denoisingFigure, { trajectory }).caption).toContain("1 of 2 starts end above");
  });

  it("stretches the axis only when originals make few mistakes", () => {
    expect(figureOf(denoisingFigure).caption).toContain("stretched");
    expect(texts(figureOf(denoisingFigure))).toEqual(expect.arrayContaining(["50", "80", "90", "95"]));
    const groups = audit.groups.map((each) => ({
      ...each,
      points: { ...each.points, score: each.points.score.map((value) => Number(value) - 0.3) },
    }));
    expect(figureOf(denoisingFigure, { groups }).caption).not.toContain("stretched");
  });
});
