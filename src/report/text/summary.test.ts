import { describe, expect, it } from "vitest";

import { run } from "../report.fixture.ts";
import type { Group, Results } from "../results.ts";
import { findings, summary } from "./summary.ts";

const withMean = (group: Group, mean: number): Group => ({ ...group, test: { ...group.test, mean } });

const results: Results = {
  ...run.results,
  originals: withMean(run.results.originals, 0.9731),
  ensemble: withMean(run.results.ensemble, 0.982),
  samples: withMean(run.results.samples, 0.9791),
};

const text = (changes: Partial<Results> = {}) =>
  summary({ ...results, ...changes }, run.images)
    .join("\n")
    .replaceAll(/[\u00a0\u202f]/g, " ");

const single = (group: Group): Group => ({ ...group, count: 1 });

describe("the summary", () => {
  it("compares the samples with the originals and with the average of the weights", () => {
    expect(text()).toContain(
      "200 networks were drawn from noise. On average they classify 97.91 % of the 10 000 test images correctly: 0.60 points above the 200 networks the generator learned from (97.31 %) and 0.29 points below the single network whose weights are the average of the originals’ (98.20 %).",
    );
  });

  it("calls equal accuracies level", () => {
    expect(text({ samples: withMean(results.samples, 0.9731) })).toContain("correctly: level with the 200 networks");
  });

  it("gives the difference of the chosen networks in images", () => {
    const chosen = {
      originals: { ...results.originals, chosenTest: 0.98 },
      samples: { ...results.samples, chosenTest: 0.9825 },
    };
    expect(text(chosen)).toContain(
      "the best sample reaches 98.25 % and the best original 98.00 %, a difference of 25 images.",
    );
    expect(text(chosen)).toContain("the standard error of one accuracy measured on 10 000 images is about 0.14 points");
  });

  it("says that samples in the middle of the originals behave like averages, and whether averages are good", () => {
    expect(text()).toContain("averages of a few originals behave, and averaging alone makes better networks here");
    expect(text({ ensemble: withMean(results.ensemble, 0.54) })).toContain(
      "averaging does not make better networks here",
    );
  });

  it("says that samples which hardly differ are one network repeated, however accurate", () => {
    const repeated = "In effect the samples are one network repeated";
    expect(text({ distance: { samplesToMean: 0.9, samplesApart: 0.01 } })).toContain(repeated);
    expect(text({ pairwiseIoU: { originals: 0.42, samples: 0.99 } })).toContain(repeated);
    expect(text()).not.toContain(repeated);
  });

  it("does not hold the same mistakes against samples whose originals share theirs too", () => {
    expect(text({ pairwiseIoU: { originals: 0.98, samples: 0.99 } })).toContain("not one network repeated");
  });

  it("recognises samples that spread like the originals", () => {
    expect(text({ distance: { samplesToMean: 1.01, samplesApart: 0.97 } })).toContain("spread about as widely");
  });

  it("warns of an autoencoder that learned the mean only", () => {
    expect(text({ autoencoder: { ...results.autoencoder!, varianceExplained: 0.02 } })).toContain(
      "keeps next to none of the differences between the originals (2.00 % of their variance)",
    );
  });

  it("speaks of a single sample in the singular and claims nothing about variety", () => {
    const one = text({ samples: single(results.samples), originals: single(results.originals) });
    expect(one).toContain("1 network was drawn from noise. It classifies 97.91 %");
    expect(one).toContain("above the network the generator learned from");
    expect(one).toContain("A single sample cannot show");
    expect(one).not.toContain("best sample");
  });

  it("says what it can where numbers are missing", () => {
    const unknown = withMean(results.samples, Number.NaN);
    expect(text({ ensemble: withMean(results.ensemble, Number.NaN) })).toContain("learned from (97.31 %).");
    expect(text({ samples: unknown })).toContain("Their accuracy is not known.");
    expect(text({ samples: { ...unknown, count: 0 } })).toBe("No network was drawn from noise.");
    expect(text({ distance: { samplesToMean: Number.NaN, samplesApart: Number.NaN } })).not.toContain("NaN");
  });
});

describe("the findings", () => {
  it("put the numbers of variety beside what they mean", () => {
    expect(findings(results).map(({ label, value }) => [label, value])).toEqual([
      ["Variance explained", "98.34\u00a0%"],
      ["Shared mistakes", "0.61"],
      ["Distance to the mean", "0.66 ×"],
      ["Distance apart", "0.62 ×"],
    ]);
  });

  it.each([
    [0.99, "Nearly all"],
    [0.7, "Most of what tells"],
    [0.3, "loses most"],
    [-0.1, "learned the mean"],
    [Number.NaN, "could not be computed"],
  ])("say what a variance explained of %d means", (varianceExplained, meaning) => {
    const [first] = findings({ ...results, autoencoder: { ...results.autoencoder!, varianceExplained } });
    expect(first!.meaning).toContain(meaning);
  });

  it("leave out what takes two samples", () => {
    expect(findings({ ...results, samples: single(results.samples) })).toHaveLength(1);
  });
});
