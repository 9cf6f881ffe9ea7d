import { describe, expect, it } from "vitest";

import { classifiersOf } from "./input.ts";
import { run } from "./report.fixture.ts";
import { scoredRun } from "./user-metric.fixture.ts";

describe("the classifiers of a run", () => {
  it("have accuracies and images", () => {
    expect(classifiersOf(run)).toEqual({ classification: run.results.classification, images: run.images });
  });

  it("are missing when the networks cannot be run here", () => {
    expect(classifiersOf(scoredRun)).toBeUndefined();
    expect(classifiersOf({ ...run, images: null })).toBeUndefined();
  });
});
