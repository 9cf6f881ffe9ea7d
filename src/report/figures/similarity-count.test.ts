import { describe, expect, it } from "vitest";
import { run } from "../report.fixture.ts";
import { audit, figureOf, plot, rows, svg, texts } from "./figure.fixture.ts";
import { similarityCountFigure } from "./similarity-count.ts";

describe("similarity against the number of originals", () => {
  it("has a line and intervals for every group", () => {
    const figure = figureOf(similarityCountFigure);
    const names = audit.similarityByCount?.groups.map(({ name }) => name) ?? [];
    expect(texts(figure)).toEqual(expect.arrayContaining(names));
    expect(svg(figure).querySelectorAll('[data-mark="line"] path')).toHaveLength(names.length);
    const intervals = [...svg(figure).querySelectorAll('[data-mark="rule"]')].filter((g) =>
      g.hasAttribute("stroke-opacity"),
    );
    expect(intervals.filter((g) => g.getAttribute("stroke-opacity") === "0.5")).toHaveLength(names.length);
  });

  it("gives the similarity to all originals in its caption, and all numbers in its table", () => {
    expect(figureOf(similarityCountFigure).caption).toContain("With all 200: originals 0.56, held-out 0.56");
    expect(rows(figureOf(similarityCountFigure))[0]).toMatchObject({ group: "originals", originals: 1, median: 0.42 });
  });

  it("is left out when fewer than two numbers of originals were tried", () => {
    const similarityByCount = {
      counts: [1],
      groups: [{ name: "samples", greatest: [{ low: 0, median: 0, high: 0 }] }],
    };
    expect(similarityCountFigure(plot, { ...run, audit: { ...audit, similarityByCount } })).toBeUndefined();
    expect(similarityCountFigure(plot, { ...run, audit: { ...audit, similarityByCount: null } })).toBeUndefined();
  });
});
