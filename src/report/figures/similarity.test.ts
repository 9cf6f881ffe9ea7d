import { describe, expect, it } from "vitest";

import { scoredRun } from "../user-metric.fixture.ts";
import { audit, figureOf, group, plot, rows, svg } from "./figure.fixture.ts";
import { similarityFigure } from "./similarity.ts";

const similarity = (name: string) => {
  const found = group(name).similarity;
  if (found === null) throw new Error(`${name} has no similarity`);
  return found;
};

describe("the bars of similarity", () => {
  it("are the paper's four, with the greatest similarities of reference points", () => {
    const { within, toOriginals, greatest } = similarity("samples");
    expect(rows(figureOf(similarityFigure)).map(({ value }) => value)).toEqual([
      similarity("originals").within,
      within,
      toOriginals,
      greatest,
      similarity("originals").greatest,
      similarity("held-out").greatest,
      similarity("references").greatest,
    ]);
  });

  it("are as long as their values", () => {
    const widths = [...svg(figureOf(similarityFigure)).querySelectorAll("[data-mark=bar] rect")].map((bar) =>
      Number(bar.getAttribute("width")),
    );
    expect(widths).toHaveLength(4);
    const [originals = Number.NaN, samples = Number.NaN] = widths;
    expect(samples / originals).toBeCloseTo(similarity("samples").within / similarity("originals").within, 2);
  });

  it("say whether there is the signature of averaging", () => {
    expect(figureOf(similarityFigure).caption).toContain("the signature of averaging.");
    const averaging = { ...audit.averaging, signature: false };
    expect(figureOf(similarityFigure, { averaging }).caption).toContain("is absent");
  });

  it("are left out when there are no predictions", () => {
    expect(similarityFigure(plot, scoredRun)).toBeUndefined();
  });
});
