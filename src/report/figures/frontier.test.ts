import { describe, expect, it } from "vitest";
import { run } from "../report.fixture.ts";
import { audit, figureOf, plot, texts } from "./figure.fixture.ts";
import { frontierFigure } from "./frontier.ts";

describe("the frontier", () => {
  it("labels every snapshot with its step, and marks the losses of both kinds", () => {
    expect(texts(figureOf(frontierFigure))).toEqual(expect.arrayContaining(["500", "16\u202f000", "loss on held-out"]));
  });

  it("has no held-out loss when it is not known", () => {
    const frontier = audit.frontier.map((point) => ({ ...point, loss: { ...point.loss, heldOut: null } }));
    const figure = figureOf(frontierFigure, { frontier });
    expect(texts(figure)).not.toContain("loss on held-out");
    expect(figure.caption).not.toContain("memorise");
    expect(figureOf(frontierFigure).caption).toContain("memorise");
  });

  it("is left out when there is one snapshot", () => {
    const frontier = audit.frontier.slice(0, 1);
    expect(frontierFigure(plot, { ...run, audit: { ...audit, frontier } })).toBeUndefined();
  });
});
