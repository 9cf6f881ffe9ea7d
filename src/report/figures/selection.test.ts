import { describe, expect, it } from "vitest";

import { classifiersOf, type ReportInput } from "../input.ts";
import { accuracies, run, withAccuracies } from "../report.fixture.ts";
import { plot, present, rows, svg } from "./figure.fixture.ts";
import { selectionFigure } from "./selection.ts";

const figure = (input: ReportInput = run) => {
  const classifiers = classifiersOf(input);
  return classifiers && selectionFigure(plot, classifiers);
};

describe("selection accuracy against test accuracy", () => {
  it("rings the chosen network of each group", () => {
    const rings = [...svg(present(figure())).querySelectorAll("circle")].filter(
      (dot) => dot.getAttribute("r") === "6.5",
    );
    expect(rings).toHaveLength(2);
    expect(rows(present(figure()))).toHaveLength(400);
  });

  it("says how accuracies on both splits are correlated", () => {
    expect(present(figure()).caption).toMatch(/rank correlation is 0\.\d\d among the originals and 0\.\d\d among/);
  });

  it("counts networks that lie outside the frame", () => {
    const failed = { group: "samples", test: 0.1, selection: 0.1 } as const;
    expect(present(figure(withAccuracies(run, [...accuracies, failed]))).caption).toContain(
      "1 network far from all others",
    );
  });

  it("is left out when there are few networks", () => {
    expect(figure(withAccuracies(run, accuracies.slice(0, 5)))).toBeUndefined();
  });
});
