import { describe, expect, it } from "vitest";

import type { Metric } from "../../records/index.ts";
import {
  capitalised,
  differenceColumn,
  differenceUnit,
  direction,
  excessAxis,
  scoreAxis,
  scoreColumn,
  scoreScale,
  scoreText,
  signed,
  signedDifference,
} from "./score-format.ts";

const accuracy: Metric = { name: "accuracy", unit: "fraction", higherIsBetter: true, reason: "" };
const loss: Metric = { name: "loss", unit: "number", higherIsBetter: false, reason: "" };

describe("scores as text", () => {
  it("are percentages when they are fractions", () => {
    expect(scoreText(accuracy, 0.9731)).toBe("97.31\u00a0%");
    expect(scoreColumn(accuracy, [0.9731, 0.5])).toEqual(["97.31", "50.00"]);
    expect(scoreScale(accuracy)).toBe(100);
    expect(differenceColumn(accuracy, [0.001, Number.NaN])).toEqual(["0.10", "–"]);
    expect([signedDifference(accuracy, 0.0032), differenceUnit(accuracy)]).toEqual(["+0.32", "points"]);
  });

  it("have as many decimals as the images allow when they are fractions", () => {
    expect(scoreText(accuracy, 0.9731, { test: 1_000, selection: 1 })).toBe("97.3\u00a0%");
    expect(scoreColumn(accuracy, [0.9731], { test: 100, selection: 1 })).toEqual(["97"]);
  });

  it("are numbers with three digits when they are no fractions", () => {
    expect(scoreText(loss, 0.41234)).toBe("0.412");
    expect(scoreColumn(loss, [0.41234, 12])).toEqual(["0.412", "12.0"]);
    expect(scoreScale(loss)).toBe(1);
    expect(differenceColumn(loss, [0.0012345])).toEqual(["0.0012"]);
    expect([signedDifference(loss, 0.5), differenceUnit(loss)]).toEqual(["+0.50", "loss"]);
  });

  it("say on what they were measured and which are better", () => {
    expect(scoreAxis(accuracy, { test: 100, selection: 50 })).toBe("accuracy on 100 test images, %");
    expect([excessAxis(accuracy), excessAxis(loss)]).toEqual(["excess accuracy, points", "excess loss"]);
    expect([scoreAxis(accuracy, null), scoreAxis(loss, null)]).toEqual(["accuracy, %", "loss"]);
    expect([direction(accuracy), direction(loss)]).toEqual(["higher is better", "lower is better"]);
  });

  it("keep a digit that is not 0 when a difference is small", () => {
    expect([signed(0.001), signed(-0.2), signed(0), signed(Number.NaN)]).toEqual(["+0.001", "−0.20", "0.00", "–"]);
  });

  it("begin with an upper-case letter when they begin a title", () => {
    expect(capitalised("accuracy")).toBe("Accuracy");
  });
});
