/** A made-up run with the shape of a real one, for tests of the report. */
import { quantile } from "../numeric/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import {
  type Classification,
  type ClassifierGroup,
  type ClassifierGroupName,
  type Curve,
  SCHEMA_VERSION,
  type Spread,
} from "../records/index.ts";
import { madeUpAudit } from "./audit.fixture.ts";
import { ACCURACY } from "./groups.fixture.ts";
import type { ReportInput } from "./input.ts";

const IMAGES = { test: 10_000, selection: 5_000 };

/** Accuracies of one network, fractions. */
export interface NetworkAccuracy {
  readonly group: ClassifierGroupName;
  readonly selection: number;
  readonly test: number;
}

/** Normally distributed accuracies, of which test and selection share a part. */
function networks(group: ClassifierGroupName, count: number, mean: number, sd: number): NetworkAccuracy[] {
  const draws = (part: string) => [...normal(foldIn(key(1), group, part), count)];
  const [own, other] = [draws("test"), draws("selection")];
  const whole = (value: number, images: number) => Math.round(Math.min(1, value) * images) / images;
  return draws("shared").map((shared, i) => ({
    group,
    test: whole(mean + sd * (0.8 * shared + 0.6 * (own[i] ?? 0)), IMAGES.test),
    selection: whole(mean + 0.001 + sd * (0.8 * shared + 0.8 * (other[i] ?? 0)), IMAGES.selection),
  }));
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length;
  return {
    mean,
    best: sorted.at(-1) ?? Number.NaN,
    median: quantile(sorted, 0.5),
    sd: Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length),
  };
}

/** The summary of the networks of one group. */
export function groupOf(accuracies: readonly NetworkAccuracy[], name: ClassifierGroupName): ClassifierGroup {
  const members = accuracies.filter(({ group }) => group === name);
  const chosen = members.toSorted((a, b) => b.selection - a.selection)[0];
  return {
    count: members.length,
    selection: spread(members.map(({ selection }) => selection)),
    test: spread(members.map(({ test }) => test)),
    chosenTest: chosen?.test ?? Number.NaN,
    accuracies: {
      selection: members.map(({ selection }) => selection),
      test: members.map(({ test }) => test),
    },
  };
}

/** The same run with changes of its classification. */
export function withClassification(input: ReportInput, changes: Partial<Classification>): ReportInput {
  const { results } = input;
  if (results.classification === null) throw new Error("the run has no classification");
  return { ...input, results: { ...results, classification: { ...results.classification, ...changes } } };
}

/** The same run with other accuracies. */
export function withAccuracies(input: ReportInput, accuracies: readonly NetworkAccuracy[]): ReportInput {
  const groups = {
    originals: groupOf(accuracies, "originals"),
    ensemble: groupOf(accuracies, "ensemble"),
    reconstructions: groupOf(accuracies, "reconstructions"),
    samples: groupOf(accuracies, "samples"),
  };
  return withClassification(input, groups);
}

function decay(name: string, unit: string, from: number, to: number, steps: number, log: boolean): Curve {
  const noise = normal(foldIn(key(2), name), steps);
  const points = Array.from(noise, (z, i) => ({
    step: i + 1,
    value: (to + (from - to) * Math.exp((-6 * i) / steps)) * Math.exp(0.12 * z),
  }));
  return { id: name, name, unit, log, points };
}

/** The accuracies of `run`. */
export const accuracies: readonly NetworkAccuracy[] = [
  ...networks("originals", 200, 0.9731, 0.0024),
  ...networks("ensemble", 1, 0.9822, 0),
  ...networks("reconstructions", 200, 0.9735, 0.0022),
  ...networks("samples", 200, 0.9791, 0.0012),
];

const classification: Classification = {
  originals: groupOf(accuracies, "originals"),
  ensemble: groupOf(accuracies, "ensemble"),
  reconstructions: groupOf(accuracies, "reconstructions"),
  samples: groupOf(accuracies, "samples"),
  pairwiseIoU: { originals: 0.42, samples: 0.61, comparison: "more", repeated: false },
  distance: { samplesToMean: 0.66, samplesApart: 0.62, toMean: "less", apart: "less", repeated: false },
};

/** 200 originals, 200 samples: a run that went well. */
export const run: ReportInput = {
  title: "glyphs-cnn",
  audit: madeUpAudit(200),
  results: {
    schemaVersion: SCHEMA_VERSION,
    metric: ACCURACY,
    classification,
    scores: null,
    autoencoder: { type: "linear", varianceExplained: 0.9834, latent: 64, range: { min: -3.41, max: 3.78, sd: 0.97 } },
    seconds: { collect: 74.2, fit: 41.8, sample: 3.4, evaluate: 22.9 },
  },
  curves: [
    decay("base training loss", "cross-entropy", 2.3, 0.08, 1_200, true),
    decay("fine-tuning loss", "cross-entropy", 0.11, 0.07, 200, false),
    decay("denoiser loss", "mean squared error", 1.02, 0.21, 6_000, true),
  ],
  provenance: [
    ["pdiff", "0.1.0"],
    ["Node", "v20.20.2, linux x64"],
    ["ONNX Runtime", "1.30.0, cpu, 1 thread"],
    ["Seed", "42"],
    ["Data", "glyphs, sha256 3f6a0c9d52e14a7b8f00b6d1c2f7a95e6d0b8f4c31a27e995c4d1b0e8a7f6c53"],
  ],
  recipe:
    "data:\n  name: glyphs\nnetwork:\n  name: cnn\n  width: 8\nzoo:\n  count: 200\n  every: 1\ngenerator:\n  preset: small\nsamples: 200\nseed: 42\n",
  images: IMAGES,
};
