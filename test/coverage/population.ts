/** Populations of networks whose accuracies are known, for the coverage of intervals. */
import type { Placed } from "../../src/evaluation/audit/matched-distance.ts";
import { accuracies, mistakes } from "../../src/evaluation/similarity.ts";
import { foldIn, type Key, normal, uniform } from "../../src/random/index.ts";

/** Where the networks of a group lie, and how well they work there. */
export interface Spot {
  /** Median distance to the nearest original. */
  readonly distance: number;
  /** Accuracy on images of medium difficulty at the median distance. */
  readonly accuracy: number;
  /** By how much ln(odds) of a right answer fall where ln(distance) rises by 1. */
  readonly steepness: number;
}

/** A kind of baseline at several settings, and samples among them. */
export interface Population {
  readonly samples: Spot;
  readonly settings: Readonly<Record<string, Spot>>;
}

/** Standard deviations: of ln(distance), of ln(odds) between networks, and between images. */
const SCATTER = { distance: 0.08, networks: 0.3, images: 1.5 };

/** Originals, at no distance, which are a setting of every kind. */
const originals: Spot = { distance: 0, accuracy: 0.97, steepness: 0 };

/**
 * Populations as steep and as scattered as recorded ones.
 */
export const populations: Readonly<Record<string, Population>> = {
  noise: {
    samples: { distance: 0.6, accuracy: 0.9, steepness: 3 },
    settings: {
      originals,
      "noise:0.1": { distance: 0.25, accuracy: 0.96, steepness: 1 },
      "noise:0.2": { distance: 0.5, accuracy: 0.88, steepness: 3 },
      "noise:0.4": { distance: 1, accuracy: 0.5, steepness: 3 },
      "noise:0.8": { distance: 2, accuracy: 0.15, steepness: 1 },
    },
  },
  averages: {
    samples: { distance: 0.85, accuracy: 0.85, steepness: 2 },
    settings: {
      originals,
      "average:2": { distance: 0.7, accuracy: 0.85, steepness: 2 },
      "average:4": { distance: 1, accuracy: 0.6, steepness: 3 },
      "average:16": { distance: 1.1, accuracy: 0.3, steepness: 3 },
    },
  },
  Gaussian: {
    samples: { distance: 0.9, accuracy: 0.85, steepness: 2 },
    settings: {
      originals,
      gaussian: { distance: 1, accuracy: 0.75, steepness: 2 },
    },
  },
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const logit = (share: number): number => Math.log(share / (1 - share));

/** Distances of networks, and ln(odds) of a right answer on an image of medium difficulty. */
function drawn({ distance, accuracy, steepness }: Spot, count: number, key: Key) {
  const [shift, skill] = [normal(foldIn(key, "distance"), count), normal(foldIn(key, "skill"), count)];
  return {
    distances: Array.from(shift, (z) => distance * Math.exp(SCATTER.distance * z)),
    odds: Array.from(shift, (z, i) => {
      const along = steepness * SCATTER.distance * z;
      return logit(accuracy) - along + SCATTER.networks * skill[i]!;
    }),
  };
}

/** Places on the scale of difficulty, as likely as in a standard normal distribution. */
const DIFFICULTIES = Array.from({ length: 121 }, (_, i) => -6 + i / 10);
const WEIGHTS = DIFFICULTIES.map((z) => Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI) / 10);

/** Networks whose accuracy on all images there could be is known. */
export function exactNetworks(spot: Spot, count: number, key: Key): Placed {
  const { distances, odds } = drawn(spot, count, key);
  const accuracyOf = (b: number) =>
    DIFFICULTIES.reduce((sum, z, i) => sum + WEIGHTS[i]! * sigmoid(b + SCATTER.images * z), 0);
  return { distance: distances, values: odds.map(accuracyOf) };
}

/**
 * Networks with their mistakes on some images.
 * @param images difficulty of each image, the same for all networks.
 */
export function testedNetworks(spot: Spot, count: number, images: ArrayLike<number>, key: Key): Placed {
  const { distances, odds } = drawn(spot, count, key);
  const draws = uniform(foldIn(key, "answers"), count * images.length);
  const wrong = Uint8Array.from(draws, (u, at) => {
    const [network, image] = [Math.floor(at / images.length), at % images.length];
    return u < sigmoid(odds[network]! + SCATTER.images * images[image]!) ? 0 : 1;
  });
  const test = mistakes(wrong, new Uint8Array(images.length));
  return { distance: distances, values: accuracies(test), test };
}
