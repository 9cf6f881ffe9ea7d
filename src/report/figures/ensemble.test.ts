import { describe, expect, it } from "vitest";

import { ensembleFigure } from "./ensemble.ts";
import { audit, figureOf, texts } from "./figure.fixture.ts";

describe("ensembles", () => {
  it("have no panel when a quantity was not measured", () => {
    const ensembles = audit.ensembles.map(({ name, points }) => ({
      name,
      points: points.map(({ auroc, ...rest }) => rest),
    }));
    expect(texts(figureOf(ensembleFigure))).toContain("AUROC, other data");
    const without = figureOf(ensembleFigure, { ensembles, otherData: null });
    expect(texts(without)).not.toContain("AUROC, other data");
    expect(without.caption).not.toContain("AUROC");
    expect(figureOf(ensembleFigure).caption).toContain("separates test images from those of fashion-mnist");
  });

  it("are marked at their sizes when these are no round numbers", () => {
    expect(texts(figureOf(ensembleFigure))).toEqual(expect.arrayContaining(["4", "16", "64"]));
  });
});
