import { describe, expect, it } from "vitest";

import { isRunningVariance, isStatistic, statisticNamed } from "./tensor-kind.ts";

describe("running statistics", () => {
  it("are known by their names in PyTorch", () => {
    expect(["bn.running_mean", "running_var", "a.b.num_batches_tracked", "bn.weight"].map(statisticNamed)).toEqual([
      "running-mean",
      "running-variance",
      "batch-count",
      undefined,
    ]);
  });

  it("are no kind of layer", () => {
    expect(isStatistic("running-mean")).toBe(true);
    expect(isStatistic("norm")).toBe(false);
    expect(isStatistic(undefined)).toBe(false);
  });
});

describe("a running variance", () => {
  it("is known by its kind, whatever its name", () => {
    expect(isRunningVariance({ name: "moving_variance", kind: "running-variance" })).toBe(true);
    expect(isRunningVariance({ name: "running_var", kind: "other" })).toBe(false);
  });

  it("is known by its name when its kind is not known", () => {
    expect(isRunningVariance({ name: "bn.running_var" })).toBe(true);
    expect(isRunningVariance({ name: "bn.running_mean" })).toBe(false);
  });
});
