import { describe, expect, it } from "vitest";

import { classifiersOf, type ReportInput } from "../input.ts";
import { accuracies, run, withAccuracies } from "../report.fixture.ts";
import { plot, present, rows, svg, texts } from "./figure.fixture.ts";
import { testAccuracyFigure } from "./test-accuracy.ts";

const figure = (input: ReportInput = run) => {
  const classifiers = classifiersOf(input);
  return classifiers && testAccuracyFigure(plot, classifiers);
};

describe("test accuracies", () => {
  it("are a dot for every network and a line for the average of weights", () => {
    const shown = present(figure());
    expect(svg(shown).querySelectorAll("circle")).toHaveLength(600);
    expect(rows(shown)).toHaveLength(601);
    expect(texts(shown)).toContain("average of weights 98.22\u00a0%");
  });

  it("say how many networks lie beyond the axis when some failed", () => {
    const failed = [0.1, 0.11, 0.12].map((test) => ({ group: "samples", test, selection: test }) as const);
    expect(texts(present(figure(withAccuracies(run, [...accuracies, ...failed]))))).toContain("◂ 3 further left");
  });

  it("show some of the networks when there are thousands", () => {
    const many = Array.from({ length: 10 }, () => accuracies).flat();
    const shown = present(figure(withAccuracies(run, many)));
    expect(svg(shown).querySelectorAll("circle")).toHaveLength(1500);
    expect(shown.caption).toContain("evenly chosen by rank");
  });

  it("are left out when there are none", () => {
    expect(figure(withAccuracies(run, []))).toBeUndefined();
  });
});
