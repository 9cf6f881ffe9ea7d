/** Made-up groups of networks with the shape of real ones, for tests of the report. */
import { quantile } from "../numeric/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import type { AuditGroup, Family, Interval, Metric, Quantiles } from "../records/index.ts";

/** Mean and standard deviation of a property between a group's networks. */
export type Normal = readonly [mean: number, sd: number];

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

/** An interval around a value. */
export const interval = (value: number, half: number): Interval => ({ value, low: value - half, high: value + half });

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

/**
 * Noise of a strength, absolute or relative: farther, less alike and less accurate the stronger it
 * is.
 */
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

/** The groups of an audit of `count` originals and `count` samples. */
export const madeUpGroups = (count: number): AuditGroup[] => [
  ...referencePoints(count),
  ...noises(),
  ...averages(),
  ...gaussians(),
];

const referencePoints = (count: number): AuditGroup[] => [
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
];

const noises = (): AuditGroup[] => [
  noise("noise:0.05", 0.05, 0),
  noise("noise:0.15", 0.15, 0.0004),
  noise("noise:0.5", 0.5, 0.004),
  noise("noise:1", 1, 0.02),
  noise("noise-absolute:0.02", 0.28, 0.001),
  noise("noise-absolute:0.06", 0.84, 0.014),
  noise("noise-absolute:0.12", 1.7, 0.09),
];

const averages = (): AuditGroup[] => [
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
];

const gaussians = (): AuditGroup[] => [
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
