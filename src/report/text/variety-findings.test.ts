import { describe, expect, it } from "vitest";

import type { Comparison, Results } from "../../records/index.ts";
import { run, withClassification } from "../report.fixture.ts";
import { scoredAudit, scoredRun } from "../user-metric.fixture.ts";
import { keepsNothing, varietyFindings } from "./variety-findings.ts";

const { results, audit } = run;
const { classification, autoencoder } = results;
if (classification === null || autoencoder === null) throw new Error("the run is incomplete");

const findings = (changes: Partial<Results> = {}) => varietyFindings({ ...results, ...changes }, audit);

const meaning = (label: string, changed: Results) =>
  varietyFindings(changed, audit).find((finding) => finding.label === label)?.meaning;

describe("the findings on variety", () => {
  it("put the numbers beside what they mean", () => {
    expect(findings().map(({ label, value }) => [label, value])).toEqual([
      ["Variance explained", "98.34\u00a0%"],
      ["Shared mistakes", "0.61"],
      ["Distance to the mean", "0.66 ×"],
      ["Distance apart", "0.62 ×"],
    ]);
  });

  it.each([
    [0.99, "nearly all"],
    [0.7, "keeps most"],
    [0.3, "loses most"],
    [-0.1, "learned the mean"],
    [Number.NaN, "could not be computed"],
  ])("say what it means when %d of the variance is explained", (varianceExplained, words) => {
    const [first] = findings({ autoencoder: { ...autoencoder, varianceExplained } });
    expect(first?.meaning).toContain(words);
    expect(keepsNothing({ ...autoencoder, varianceExplained })).toBe(varianceExplained < 0.1);
  });

  it.each<[Comparison, string, string, string]>([
    ["more", "more alike", "outside the cloud", "more varied"],
    ["same", "about as alike", "as far out", "about as varied"],
    ["less", "less alike", "behave like averages", "less varied"],
    [null, "could not be compared", "could not be computed", "could not be computed"],
  ])("compare samples with originals when they are %s", (comparison, mistakes, toMean, apart) => {
    const changed = withClassification(run, {
      pairwiseIoU: { ...classification.pairwiseIoU, comparison },
      distance: { ...classification.distance, toMean: comparison, apart: comparison },
    }).results;
    expect(meaning("Shared mistakes", changed)).toContain(mistakes);
    expect(meaning("Distance to the mean", changed)).toContain(toMean);
    expect(meaning("Distance apart", changed)).toContain(apart);
  });

  it("leave out comparisons when there is one sample", () => {
    const samples = { ...classification.samples, count: 1 };
    expect(varietyFindings(withClassification(run, { samples }).results, audit)).toHaveLength(1);
  });

  it("come from the audit's distances when there are no predictions", () => {
    const found = varietyFindings(scoredRun.results, scoredAudit);
    expect(found.map(({ label, value }) => [label, value])).toEqual([
      ["Variance explained", "100.00\u00a0%"],
      ["Distance to the mean", "0.60 ×"],
      ["Distance apart", "0.70 ×"],
    ]);
    expect(found[1]?.meaning).toContain("nearer than originals, as averages do");
  });
});
