import { describe, expect, it } from "vitest";

import { audit, figureOf, rows } from "./figure.fixture.ts";
import { nearestDistanceFigure } from "./nearest-distance.ts";

describe("the nearest distances", () => {
  it("count every network once", () => {
    const bars = rows(figureOf(nearestDistanceFigure)).filter(
      ({ group, share }) => group === "samples" && share !== "",
    );
    expect(bars.reduce((sum, { share }) => sum + Number(share), 0)).toBeCloseTo(1, 9);
  });

  it("show the average that comes closest to the samples", () => {
    const names = new Set(rows(figureOf(nearestDistanceFigure)).map(({ group }) => group));
    expect(names).toContain("average:64");
    expect(names).not.toContain("average:2");
  });

  it("count near-duplicates", () => {
    const caption = (near: number) =>
      figureOf(nearestDistanceFigure, {
        copying: { ...audit.copying, copies: { ...audit.copying.copies, near } },
      }).caption;
    expect(caption(0)).toContain("No sample counts as a near-duplicate");
    expect(caption(1)).toContain("1 sample counts");
    expect(caption(7)).toContain("7 samples count");
  });

  it("say how many networks lie beyond the axis when some are far out", () => {
    const groups = audit.groups.map((each) =>
      each.family === "samples"
        ? { ...each, points: { ...each.points, distance: each.points.distance.map((d, i) => (i < 2 ? 50 : d)) } }
        : each,
    );
    expect(figureOf(nearestDistanceFigure, { groups }).caption).toContain("2 networks lie further right");
  });
});
