import { describe, expect, it } from "vitest";

import { embeddingFigure } from "./embedding.ts";
import { audit, plot, present, rows, svg } from "./figure.fixture.ts";

const embedding = (points: readonly (readonly [number, number])[]) =>
  embeddingFigure(plot, audit, { method: "pca", space: "latents", groups: [{ name: "samples", points }] });

describe("embeddings", () => {
  it("keep one unit on both axes", () => {
    const figure = present(
      embedding([
        [0, 0],
        [10, 0],
        [0, 1],
      ]),
    );
    const [, origin, right, up] = [...svg(figure).querySelectorAll("circle")].map((dot) => ({
      x: Number(dot.getAttribute("cx")),
      y: Number(dot.getAttribute("cy")),
    }));
    if (origin === undefined || right === undefined || up === undefined) throw new Error("there are too few dots");
    expect((right.x - origin.x) / (origin.y - up.y)).toBeCloseTo(10, 0);
  });

  it("have the place of every network in their table", () => {
    expect(rows(present(embedding([[1, 2]])))).toEqual([{ group: "samples", x: 1, y: 2 }]);
  });

  it("are left out when no network has a place", () => {
    expect(embedding([[Number.NaN, 1]])).toBeUndefined();
  });
});
