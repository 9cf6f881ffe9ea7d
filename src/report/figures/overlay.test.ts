import { describe, expect, it } from "vitest";

import { scoredAudit } from "../user-metric.fixture.ts";
import { audit, plot, present, rows, svg, texts } from "./figure.fixture.ts";
import { overlayFigure, runColours } from "./overlay.ts";

const runs = [
  { name: "one", audit },
  { name: "two", audit },
];

describe("scores of several runs against distance", () => {
  it("has a colour, a cloud, the means and the best baselines of every run", () => {
    const figure = present(overlayFigure(plot, runs));
    expect(texts(figure)).toEqual(expect.arrayContaining(["one", "two", "samples", "held-out", "best baselines"]));
    for (const run of ["one", "two"])
      for (const kind of ["mean", "frontier", "network"])
        expect(rows(figure).filter((row) => row.run === run && row.kind === kind)).not.toEqual([]);
    const tips = [...svg(figure).querySelectorAll("title")].map(({ textContent }) => textContent);
    expect(tips).toContainEqual(expect.stringMatching(/^two\nsamples\nmean .*, distance /));
    expect(new Set(runColours).size).toBe(runColours.length);
  });

  it("leaves out runs that are not audited", () => {
    const figure = present(overlayFigure(plot, [{ name: "new", audit: undefined }, ...runs]));
    expect(texts(figure)).not.toContain("new");
  });

  it("is left out when metrics differ or nothing is scored", () => {
    expect(overlayFigure(plot, [...runs, { name: "three", audit: scoredAudit }])).toBeUndefined();
    expect(overlayFigure(plot, [{ name: "one", audit: { ...audit, metric: null } }])).toBeUndefined();
  });
});
