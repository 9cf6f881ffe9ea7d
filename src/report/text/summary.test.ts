import { describe, expect, it } from "vitest";

import type { AutoencoderFacts, Classification, ClassifierGroup } from "../../records/index.ts";
import { run, withClassification } from "../report.fixture.ts";
import { scoredAudit, scoredRun } from "../user-metric.fixture.ts";
import { summary } from "./summary.ts";

const withMean = (group: ClassifierGroup, mean: number): ClassifierGroup => ({
  ...group,
  test: { ...group.test, mean },
});

const base = run.results.classification;
if (base === null) throw new Error("there is no classification");
const results: Classification = {
  ...base,
  originals: withMean(base.originals, 0.9731),
  ensemble: withMean(base.ensemble, 0.982),
  samples: withMean(base.samples, 0.9791),
};

const plain = (paragraphs: readonly string[]) => paragraphs.join("\n").replaceAll(/[\u00a0\u202f]/g, " ");

const text = (changes: Partial<Classification> = {}) =>
  plain(summary(withClassification(run, { ...results, ...changes })));

const withAutoencoder = (autoencoder: AutoencoderFacts) => {
  const input = withClassification(run, results);
  return plain(summary({ ...input, results: { ...input.results, autoencoder } }));
};

const distance = (changes: Partial<Classification["distance"]>) => ({
  distance: { ...results.distance, ...changes },
});

const single = (group: ClassifierGroup): ClassifierGroup => ({ ...group, count: 1 });

describe("the summary", () => {
  it("compares the samples with the originals and with the average of the weights", () => {
    expect(text()).toContain(
      "200 networks were drawn from noise. On average they classify 97.91 % of the 10 000 test images correctly: 0.60 points above the 200 networks that the generator learned from (97.31 %) and 0.29 points below the single network whose weights are the average of the originals’ (98.20 %).",
    );
  });

  it("says that another generator made the samples when it did", () => {
    expect(plain(summary({ ...run, imported: true }))).toContain("200 networks were made by another generator. On");
    expect(plain(summary({ ...scoredRun, imported: true }))).toContain("were made by another generator. Their");
  });

  it("calls accuracies level when they are equal", () => {
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

  it("says that samples behave like averages when they lie near the mean, and whether averages are good", () => {
    expect(text()).toContain(
      "Averages of a few originals behave like this, and averaging alone makes better networks here",
    );
    expect(text({ ensemble: withMean(results.ensemble, 0.54) })).toContain(
      "averaging does not make better networks here",
    );
  });

  it("says that samples are one network repeated when they hardly differ, however accurate", () => {
    const repeated = "In effect the samples are one network repeated";
    expect(text(distance({ samplesToMean: 0.9, samplesApart: 0.01, repeated: true }))).toContain(repeated);
    expect(text({ pairwiseIoU: { ...results.pairwiseIoU, samples: 0.99, repeated: true } })).toContain(repeated);
    expect(text()).not.toContain(repeated);
  });

  it.each([
    ["more", "same", "scatter more widely"],
    ["same", "less", "lie in a narrower region"],
    ["same", "same", "spread about as widely"],
  ] as const)(
    "says how samples spread when their distances are %s to the mean and %s apart",
    (toMean, apart, words) => {
      expect(text(distance({ toMean, apart }))).toContain(words);
    },
  );

  it("warns of an autoencoder when it learned only the mean", () => {
    const autoencoder = run.results.autoencoder;
    if (autoencoder === null) throw new Error("there is no autoencoder");
    expect(withAutoencoder({ ...autoencoder, varianceExplained: 0.02 })).toContain(
      "keeps almost none of the differences between the originals (2.00 % of their variance)",
    );
  });

  it("claims nothing about variety when there is a single sample", () => {
    const one = text({ samples: single(results.samples), originals: single(results.originals) });
    expect(one).toContain("1 network was drawn from noise. It classifies 97.91 %");
    expect(one).toContain("above the network that the generator learned from");
    expect(one).toContain("A single sample cannot show");
    expect(one).not.toContain("best sample");
  });

  it("leaves out what is not known when numbers are missing", () => {
    const unknown = withMean(results.samples, Number.NaN);
    expect(text({ ensemble: withMean(results.ensemble, Number.NaN) })).toContain("learned from (97.31 %).");
    expect(text({ samples: unknown })).toContain("Their accuracy is not known.");
    expect(text({ samples: { ...unknown, count: 0 } })).toBe("No network was drawn from noise.");
    expect(
      text(distance({ samplesToMean: Number.NaN, samplesApart: Number.NaN, toMean: null, apart: null })),
    ).not.toContain("NaN");
  });

  it("says how samples score by a user's metric, beside the originals and the threshold", () => {
    expect(plain(summary(scoredRun))).toBe(
      "4 networks were drawn from noise. Their accuracy & more is 0.950 on average (originals: 0.920); higher is better. 50.0 % of them reach the acceptance threshold of 0.900, as 95 % of the held-out networks do.",
    );
    expect(plain(summary({ ...scoredRun, audit: { ...scoredAudit, metric: null } }))).toContain(
      "No metric scored them.",
    );
    expect(plain(summary({ ...scoredRun, audit: { ...scoredAudit, groups: [] } }))).toBe("No network was drawn.");
  });
});
