import { describe, expect, it } from "vitest";

import { costText } from "./cost.ts";

const cost = { base: 60, collect: 70, fit: 300, sample: 4, perSample: 0.02, perCheckpoint: 0.4, perTraining: 60 };

describe("the cost in words", () => {
  it("says from how many networks on the generator is cheaper, or when it never is", () => {
    expect(costText({ ...cost, breakEven: 8 }).words).toContain("From 8 networks on");
    expect(costText({ ...cost, breakEven: null }).words).toContain("never pays off");
  });

  it("compares a sample with a training only when it is cheaper", () => {
    expect(costText({ ...cost, breakEven: 8 }).words).toContain("3\u202f000 times less");
    expect(costText({ ...cost, perSample: 70, breakEven: null }).words).not.toContain("times less");
  });

  it("shows a dash when a cost is not known", () => {
    expect(costText({ ...cost, perTraining: Number.NaN, breakEven: 8 }).rows).toContainEqual([
      "one more independent training",
      "–",
    ]);
  });

  it("shows milliseconds when a time is short", () => {
    expect(costText({ ...cost, breakEven: 8 }).rows[0]).toEqual(["one more sample", "20 ms"]);
  });
});
