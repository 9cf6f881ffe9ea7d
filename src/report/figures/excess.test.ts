import { describe, expect, it } from "vitest";

import { scoredRun } from "../user-metric.fixture.ts";
import { excessFigure } from "./excess.ts";
import { audit, figureOf, plot, present, rows, texts } from "./figure.fixture.ts";

describe("the excess over baselines", () => {
  it("gives the numbers beside the marks, the best baseline first, on wide and narrow screens", () => {
    const [first] = audit.excess;
    expect(rows(figureOf(excessFigure))[0]).toMatchObject({ family: first?.family, excess: first?.excess.value });
    expect(texts(figureOf(excessFigure))).toContain("−0.09 [−0.17, −0.02]");
    expect(texts(figureOf(excessFigure), 344)).toContain("averages: −0.09 [−0.17, −0.02]");
  });

  it("says which baselines do not reach the samples", () => {
    expect(figureOf(excessFigure).caption).toContain("31.0\u00a0% of them for averages");
  });

  it("is in the units of the metric when scores are no fractions", () => {
    const figure = present(excessFigure(plot, scoredRun));
    expect(texts(figure)).toEqual(expect.arrayContaining(["−0.010 [−0.030, 0.010]", "excess accuracy & more"]));
    expect(figure.caption).toContain("in accuracy & more, above 0 is better");
  });

  it("is left out when there is no baseline", () => {
    expect(excessFigure(plot, { ...scoredRun, audit: { ...audit, excess: [] } })).toBeUndefined();
  });
});
