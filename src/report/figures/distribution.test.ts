import { describe, expect, it } from "vitest";

import { distributionFigure } from "./distribution.ts";
import { audit, figureOf, rows, svg, texts } from "./figure.fixture.ts";

const tensor = (name: string) => ({ tensor: name, edges: [0, 1, 2], originals: [0.5, 0.5], samples: [1, 0] });

describe("distributions of parameters", () => {
  it("draw both histograms of every tensor", () => {
    const figure = figureOf(distributionFigure);
    const names = audit.distributions.map(({ tensor }) => tensor);
    expect(texts(figure)).toEqual(expect.arrayContaining([...names, "originals", "samples"]));
    expect(svg(figure).querySelectorAll('[data-mark="area"] path')).toHaveLength(names.length);
    expect(svg(figure).querySelectorAll('[data-mark="line"] path')).toHaveLength(names.length);
  });

  it("have a row for each bin in their table", () => {
    expect(rows(figureOf(distributionFigure, { distributions: [tensor("w")] }))).toEqual([
      { tensor: "w", from: 0, to: 1, originals: 0.5, samples: 1 },
      { tensor: "w", from: 1, to: 2, originals: 0.5, samples: 0 },
    ]);
  });

  it("say how many tensors are left out when there are many", () => {
    const distributions = Array.from({ length: 11 }, (_, i) => tensor(`w${i}`));
    expect(figureOf(distributionFigure, { distributions }).caption).toContain("Not shown: 2 tensors more.");
  });
});
