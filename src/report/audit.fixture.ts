/**
 * A made-up audit with the shape of a real one, for tests of the report: samples that are as good as
 * averages of originals.
 */
import { quantile } from "../numeric/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import {
  type Audit,
  type AuditGroup,
  type EnsemblePoint,
  type Family,
  type Interval,
  type Metric,
  type Quantiles,
  SCHEMA_VERSION,
} from "../records/index.ts";

/** Mean and standard deviation of a property between a group's networks. */
type Normal = readonly [mean: number, sd: number];

interface Made {
  readonly count?: number;
  readonly accuracy: Normal;
  /** None where the networks have other tensors. */
  readonly distance?: Normal;
  readonly greatest: Normal;
  readonly within: number;
}

const values = (name: string, count: number, [mean, sd]: Normal, most = Number.POSITIVE_INFINITY): number[] =>
  Array.from(normal(foldIn(key(7), name), count), (z) => Math.min(most, Math.abs(mean + sd * z)));

const quantiles = (list: readonly number[]): Quantiles => {
  const sorted = list.toSorted((a, b) => a - b);
  return { low: quantile(sorted, 0.05), median: quantile(sorted, 0.5), high: quantile(sorted, 0.95) };
};

/** The metric of classifiers. */
export const ACCURACY: Metric = {
  name: "accuracy",
  unit: "fraction",
  higherIsBetter: true,
  reason: "as with every accuracy",
};

const interval = (value: number, half: number): Interval => ({ value, low: value - half, high: value + half });

/** A group of networks with normally distributed properties. */
export function madeUpGroup(name: string, family: Family, { count = 100, ...made }: Made): AuditGroup {
  const accuracy = values(`${name} accuracy`, count, made.accuracy, 1).map((value) => Math.round(1e4 * value) / 1e4);
  const distance = made.distance === undefined ? [] : values(`${name} distance`, count, made.distance);
  const greatest = values(`${name} greatest`, count, made.greatest, 1);
  const mean = accuracy.reduce((sum, value) => sum + value, 0) / count;
  const at = quantiles(distance);
  const sorted = accuracy.toSorted((a, b) => a - b);
  const share = (tau: number) =>
    accuracy.filter((value, i) => value >= 0.9695 && (distance[i] ?? 0) > 0.9 * tau).length / count;
  return {
    name,
    family,
    count,
    failed: 0,
    score: {
      mean: interval(mean, 0.0011 + made.accuracy[1] / Math.sqrt(count)),
      best: quantile(sorted, 1),
      median: quantile(sorted, 0.5),
      sd: made.accuracy[1],
    },
    raw: { low: 7.3 * at.low, median: 7.3 * at.median, high: 7.3 * at.high },
    distance: at,
    similarity: {
      within: count > 1 ? made.within : Number.NaN,
      toOriginals: made.greatest[0] - 0.17,
      greatest: greatest.reduce((sum, value) => sum + value, 0) / count,
    },
    kappa: 0.8 * made.greatest[0],
    novel: Object.fromEntries([1, 2, 3, 4, 6].map((tau) => [`${tau}`, share(tau)])),
    points: { score: accuracy, greatest, distance },
  };
}

/** Noise of a strength, absolute or relative: farther, less alike and less accurate the stronger it is. */
const noise = (name: string, distance: number, loss: number): AuditGroup =>
  madeUpGroup(name, "noise", {
    accuracy: [0.9731 - loss, 0.0024 + loss / 5],
    distance: [distance, 0.02 * distance],
    greatest: [Math.max(0.12, 0.985 - 0.42 * distance ** 0.7), 0.012],
    within: Math.max(0.1, 0.44 - 0.2 * distance),
  });

const average = (count: number, distance: number, gain: number): AuditGroup =>
  madeUpGroup(`average:${count}`, "average", {
    accuracy: [0.9731 + gain, 0.0024 / Math.sqrt(count) + 0.0003],
    distance: [distance, 0.03],
    greatest: [0.62 + 0.13 / Math.sqrt(count), 0.018],
    within: 0.85 - 0.5 / Math.sqrt(count),
  });

/** The groups of an audit of so many originals and samples. */
export const madeUpGroups = (count: number): AuditGroup[] => [
  madeUpGroup("originals", "originals", {
    count,
    accuracy: [0.9731, 0.0024],
    distance: [0.97, 0.05],
    greatest: [0.56, 0.02],
    within: 0.42,
  }),
  madeUpGroup("held-out", "heldOut", {
    count: 50,
    accuracy: [0.973, 0.0024],
    distance: [1, 0.05],
    greatest: [0.56, 0.02],
    within: 0.42,
  }),
  madeUpGroup("references", "references", {
    count: 10,
    accuracy: [0.9728, 0.003],
    greatest: [0.41, 0.02],
    within: 0.31,
  }),
  madeUpGroup("samples", "samples", {
    count,
    accuracy: [0.9791, 0.0012],
    distance: [0.71, 0.04],
    greatest: [0.66, 0.02],
    within: 0.61,
  }),
  madeUpGroup("reconstructions", "reconstructions", {
    count,
    accuracy: [0.9735, 0.0022],
    distance: [0.21, 0.02],
    greatest: [0.88, 0.02],
    within: 0.43,
  }),
  madeUpGroup("fine-tuned", "fineTuned", {
    count: 40,
    accuracy: [0.9738, 0.0021],
    distance: [0.26, 0.03],
    greatest: [0.83, 0.02],
    within: 0.42,
  }),
  noise("noise:0.05", 0.05, 0),
  noise("noise:0.15", 0.15, 0.0004),
  noise("noise:0.5", 0.5, 0.004),
  noise("noise:1", 1, 0.02),
  noise("noise-absolute:0.02", 0.28, 0.001),
  noise("noise-absolute:0.06", 0.84, 0.014),
  noise("noise-absolute:0.12", 1.7, 0.09),
  madeUpGroup("interpolate", "average", {
    accuracy: [0.9752, 0.002],
    distance: [0.4, 0.12],
    greatest: [0.76, 0.05],
    within: 0.49,
  }),
  average(2, 0.52, 0.003),
  average(4, 0.63, 0.0049),
  average(8, 0.67, 0.006),
  average(16, 0.69, 0.0067),
  average(64, 0.705, 0.0072),
  madeUpGroup("average:all", "average", {
    count: 1,
    accuracy: [0.9803, 0],
    distance: [0.708, 0],
    greatest: [0.64, 0],
    within: Number.NaN,
  }),
  madeUpGroup("gaussian", "gaussian", {
    accuracy: [0.9668, 0.003],
    distance: [1.02, 0.02],
    greatest: [0.5, 0.02],
    within: 0.4,
  }),
  madeUpGroup("pca-gaussian", "gaussian", {
    accuracy: [0.9735, 0.0026],
    distance: [0.98, 0.04],
    greatest: [0.55, 0.02],
    within: 0.42,
  }),
  madeUpGroup("swag", "gaussian", {
    accuracy: [0.9767, 0.0018],
    distance: [0.86, 0.03],
    greatest: [0.6, 0.02],
    within: 0.5,
  }),
  madeUpGroup("gaussian-latent", "latent", {
    accuracy: [0.9768, 0.0022],
    distance: [0.9, 0.07],
    greatest: [0.57, 0.02],
    within: 0.45,
  }),
  madeUpGroup("kde-latent", "latent", {
    accuracy: [0.9742, 0.0024],
    distance: [0.45, 0.06],
    greatest: [0.71, 0.03],
    within: 0.43,
  }),
];

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
  return { name, points: Array.from(a, (z, i) => [x + size * z, y + size * b[i]!] as const) };
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

/** The audit of so many originals and as many samples. */
export const madeUpAudit = (count: number): Audit => ({
  schemaVersion: SCHEMA_VERSION,
  metric: ACCURACY,
  verdict: {
    name: "average-like",
    rule: "At their distance from the originals, the samples' accuracy is −0.09 points [−0.17, −0.02] above that of averages of originals: not reliably better. Samples are more alike than originals, and more like originals than these are like one another, as averages are.",
    meaning: "The samples are worth what averages of the originals are worth, which take no generator.",
  },
  acceptanceThreshold: { value: 0.9694, heldOut: 50, chance: 0.1, cleared: { value: 1, low: 0.981, high: 1 } },
  neighbours: 3,
  groups: madeUpGroups(count),
  excess: [
    {
      family: "average",
      through: ["average:all"],
      excess: { value: -0.0009, low: -0.0017, high: -0.0002 },
      exact: { value: -0.0009, low: -0.0017, high: -0.0002 },
      tolerance: 0.05,
      beyond: 0.31,
      reaches: true,
    },
    {
      family: "gaussian",
      through: ["swag", "pca-gaussian", "gaussian"],
      excess: { value: 0.0023, low: 0.0015, high: 0.0031 },
      exact: { value: 0.0023, low: 0.0015, high: 0.0031 },
      tolerance: 0.05,
      beyond: 0,
      reaches: true,
    },
    {
      family: "latent",
      through: ["gaussian-latent"],
      excess: { value: 0.0026, low: 0.0017, high: 0.0034 },
      exact: { value: 0.0026, low: 0.0017, high: 0.0034 },
      tolerance: 0.05,
      beyond: 0,
      reaches: true,
    },
    {
      family: "noise",
      through: ["originals", "noise:0.15", "noise:0.5", "noise-absolute:0.06", "noise:1", "noise-absolute:0.12"],
      excess: { value: 0.0141, low: 0.0122, high: 0.0163 },
      exact: { value: 0.0141, low: 0.0122, high: 0.0163 },
      tolerance: 0.05,
      beyond: 0,
      reaches: true,
    },
  ],
  copying: {
    zu: -9.72,
    p: 0.001,
    nearer: true,
    distance: 0.67,
    nearDuplicates: 0,
    radius: 0.49,
    null: { low: -1.71, median: 0.02, high: 1.66 },
  },
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
  choice: [
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
  ],
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
    nearDuplicates: 0,
    radius: Number.NaN,
    null: { low: Number.NaN, median: Number.NaN, high: Number.NaN },
  },
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
