/**
 * A made-up audit with the shape of a real one, for tests of the report: samples that are as good
 * as averages of originals.
 */
import { foldIn, key, normal } from "../random/index.ts";
import { type Audit, type EnsemblePoint, type Excess, type Quantiles, SCHEMA_VERSION } from "../records/index.ts";
import { ACCURACY, interval, madeUpGroups, type Normal } from "./groups.fixture.ts";

const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200];

const along = (from: number, to: number): Quantiles[] =>
  COUNTS.map((count) => {
    const median = from + ((to - from) * Math.log(count)) / Math.log(200);
    return { low: median - 0.03, median, high: median + 0.03 };
  });

const ensemble = (best: number, worst: number): EnsemblePoint[] =>
  [1, 2, 4, 8, 16, 32, 64].map((size) => {
    const left = (worst - best) / size;
    return {
      size,
      accuracy: interval(1 - best - left, 0.0026),
      nll: 3.1 * (best + left),
      brier: 1.5 * (best + left),
      ece: 0.004 + 0.2 * left,
      auroc: 0.985 - left,
    };
  });

const cloud = (name: string, count: number, [x, y]: Normal, size: number) => {
  const [a, b] = [normal(foldIn(key(9), name, "x"), count), normal(foldIn(key(9), name, "y"), count)];
  return { name, points: Array.from(a, (z, i) => [x + size * z, y + size * (b[i] ?? 0)] as const) };
};

const clouds = (count: number, scale: number) => [
  cloud("originals", count, [0, 0], 12 * scale),
  cloud("held-out", 50, [2 * scale, -scale], 12 * scale),
  cloud("samples", count, [scale, scale], 5 * scale),
  cloud("average:16", 100, [0, 0], 2 * scale),
  cloud("gaussian", 100, [-16 * scale, 14 * scale], 4 * scale),
];

const bins = Array.from({ length: 40 }, (_, i) => i);

const density = (name: string, scale: number, spread: number) => ({
  tensor: name,
  edges: [...bins, 40].map((i) => scale * (i / 20 - 1)),
  originals: bins.map((i) => Math.exp(-(((i - 19.5) / 7) ** 2)) / scale),
  samples: bins.map((i) => Math.exp(-(((i - 19.5) / (7 * spread)) ** 2)) / (scale * spread)),
});

/** A baseline's excess with its 95 % interval, the same at exactly the samples' distance. */
const excess = (
  family: Excess["family"],
  through: readonly string[],
  [low, value, high]: readonly [number, number, number],
  beyond = 0,
): Excess => ({
  family,
  through,
  excess: { value, low, high },
  exact: { value, low, high },
  tolerance: 0.05,
  beyond,
  reaches: true,
});

const NOISES = ["originals", "noise:0.15", "noise:0.5", "noise-absolute:0.06", "noise:1", "noise-absolute:0.12"];

const EXCESS = [
  excess("average", ["average:all"], [-0.0017, -0.0009, -0.0002], 0.31),
  excess("gaussian", ["swag", "pca-gaussian", "gaussian"], [0.0015, 0.0023, 0.0031]),
  excess("latent", ["gaussian-latent"], [0.0017, 0.0026, 0.0034]),
  excess("noise", NOISES, [0.0122, 0.0141, 0.0163]),
];

const choice = (count: number): Audit["choice"] => [
  {
    name: "originals",
    count,
    bySelection: interval(0.9768, 0.003),
    gain: interval(0.0034, 0.001),
    byTest: 0.9794,
    optimism: 0.0021,
  },
  {
    name: "held-out",
    count: 50,
    bySelection: interval(0.9759, 0.003),
    gain: interval(0.0029, 0.0011),
    byTest: 0.9782,
    optimism: 0.0018,
  },
  {
    name: "samples",
    count,
    bySelection: interval(0.9803, 0.0028),
    gain: interval(0.0012, 0.0006),
    byTest: 0.9822,
    optimism: 0.0014,
  },
];

/** The audit of `count` originals and `count` samples. */
export const madeUpAudit = (count: number): Audit => ({
  schemaVersion: SCHEMA_VERSION,
  metric: ACCURACY,
  verdict: {
    name: "average-like",
    label: "average-like",
    rule: "At their distance from the originals, the samples' accuracy is −0.09 points [−0.17, −0.02] above that of averages of originals: not reliably better. Samples are more alike than originals, and more like originals than these are like one another, as averages are.",
    meaning: "The samples are worth what averages of the originals are worth, which take no generator.",
  },
  acceptanceThreshold: { value: 0.9694, heldOut: 50, chance: 0.1, cleared: { value: 1, low: 0.981, high: 1 } },
  neighbours: 3,
  groups: madeUpGroups(count),
  excess: EXCESS,
  copying: {
    zu: -9.72,
    p: 0.001,
    nearer: true,
    distance: 0.67,
    copies: {
      near: 0,
      alike: 0,
      count: 0,
      samples: 200,
      similarity: Number.NaN,
      fresh: { count: 0, networks: 50 },
      p: 1,
    },
    farthest: 0.6,
    pull: null,
    radius: 0.49,
    null: { low: -1.71, median: 0.02, high: 1.66 },
  },
  collapse: Number.NaN,
  performance: null,
  averaging: {
    within: 0.19,
    between: 0.08,
    toMean: 0.66,
    nearMean: true,
    apart: 0.62,
    repeated: false,
    signature: true,
  },
  byUnits: false,
  collage: null,
  straightWay: null,
  trainingScale: null,
  diversity: null,
  choice: choice(count),
  ensembles: [
    { name: "originals", points: ensemble(0.0185, 0.0269) },
    { name: "samples", points: ensemble(0.0194, 0.0209) },
    { name: "references", points: ensemble(0.0151, 0.0272).slice(0, 4) },
    { name: "average:16", points: ensemble(0.0191, 0.0202) },
  ],
  otherData: "fashion-mnist",
  cost: {
    base: 61.2,
    collect: 74.2,
    fit: 341.8,
    sample: 3.4,
    perSample: 0.017,
    perCheckpoint: 0.37,
    perTraining: 61.2,
    breakEven: 8,
  },
  trajectory: {
    times: Array.from({ length: 51 }, (_, i) => 1000 - 20 * i),
    accuracy: [0, 1, 2, 3, 4].map((start) =>
      Array.from(normal(foldIn(key(11), start), 51), (z, i) => {
        const done = 1 / (1 + Math.exp(-(i - 22 - start) / 3));
        return Math.min(1, Math.max(0, 0.1 + 0.88 * done + 0.02 * z * (1 - done) + 0.0004 * z));
      }),
    ),
  },
  embeddings: [
    { method: "tsne", space: "latents", groups: clouds(count, 1) },
    { method: "pca", space: "latents", groups: clouds(count, 0.3) },
  ],
  similarityByCount: {
    counts: COUNTS,
    groups: [
      { name: "originals", greatest: along(0.42, 0.56) },
      { name: "held-out", greatest: along(0.419, 0.558) },
      { name: "references", greatest: along(0.33, 0.41) },
      { name: "samples", greatest: along(0.5, 0.66) },
    ],
  },
  distributions: [
    density("conv1.weight", 0.6, 0.8),
    density("conv1.bias", 0.2, 0.75),
    density("bn1.weight", 0.05, 0.7),
    density("fc.weight", 0.3, 0.82),
  ],
  frontier: [500, 1000, 2000, 4000, 8000, 16_000].map((step, i) => ({
    step,
    accuracy: { low: 0.6 + 0.07 * i, median: 0.92 + 0.06 * (1 - Math.exp(-i)), high: 0.975 + 0.001 * i },
    distance: { low: 1.3 - 0.12 * i, median: 1.5 - 0.15 * i, high: 1.7 - 0.16 * i },
    loss: { originals: 0.5 * 0.55 ** i + 0.02, heldOut: 0.5 * 0.7 ** i + 0.06 + 0.01 * i },
  })),
  failures: [],
  remarks: ["3 of 200 samples do no better on the selection images than always naming the most frequent class."],
});

/** An audit that found nothing: no groups, and no number that is known. */
export const emptyAudit: Audit = {
  schemaVersion: SCHEMA_VERSION,
  metric: ACCURACY,
  verdict: {
    name: "undecided",
    label: "undecided",
    rule: "There are 0 held-out networks; the audit needs at least 3.",
    meaning: "There is too little to tell whether the samples are new.",
  },
  acceptanceThreshold: null,
  neighbours: 0,
  groups: [],
  excess: [],
  copying: {
    zu: Number.NaN,
    p: Number.NaN,
    nearer: false,
    distance: Number.NaN,
    copies: {
      near: 0,
      alike: 0,
      count: 0,
      samples: 0,
      similarity: Number.NaN,
      fresh: { count: 0, networks: 50 },
      p: 1,
    },
    farthest: Number.NaN,
    pull: null,
    radius: Number.NaN,
    null: { low: Number.NaN, median: Number.NaN, high: Number.NaN },
  },
  collapse: Number.NaN,
  performance: null,
  averaging: {
    within: null,
    between: null,
    toMean: Number.NaN,
    nearMean: false,
    apart: Number.NaN,
    repeated: false,
    signature: false,
  },
  byUnits: false,
  collage: null,
  straightWay: null,
  trainingScale: null,
  diversity: null,
  choice: [],
  ensembles: [],
  otherData: null,
  cost: null,
  trajectory: null,
  embeddings: [],
  similarityByCount: null,
  distributions: [],
  frontier: [],
  failures: [],
  remarks: [],
};
