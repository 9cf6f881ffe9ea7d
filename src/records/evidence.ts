/**
 * What the audit shows besides its verdict: whether samples are put together from units of
 * originals, what lies on the straight way to the nearest original, and how much training they are
 * worth.
 */
import { z } from "zod";

import { family } from "./family.ts";
import type { RecordOf } from "./frozen.ts";
import { interval, quantiles, real } from "./statistics.ts";

/** A group that a piece of evidence is about. */
const group = z.object({
  /** Name of the group. */
  name: z.string(),
  family,
  /** Networks that were looked at; of a large group, evenly chosen ones. */
  networks: z.number(),
});

/** The nearest hidden unit of any original to each hidden unit of a network. */
export const collage = z.object({
  /** Hidden units of a network. */
  units: z.number(),
  /** One row for each group. */
  rows: z.array(
    group.extend({
      /**
       * Distance of units by effect, where 1 is the median of held-out networks' units: 5th
       * percentile.
       */
      low: real,
      /** The same: 50th percentile. */
      median: real,
      /** The same: 75th percentile. */
      high: real,
      /** Share of units nearer than one half. */
      belowHalf: real,
      /** Probability that a unit lies nearer than one of a held-out network. */
      nearer: real,
      /** Originals that the nearest units of one network are of, in the mean. */
      donors: real,
    }),
  ),
});
export type Collage = RecordOf<typeof collage>;

/** Accuracy on the straight way from a network to its nearest original. */
export const straightWay = z.object({
  /** Test images that it is measured on. */
  images: z.number(),
  /** Places on the way, from 0, the network, to 1, the original. */
  places: z.array(z.number()),
  /** One row for each group. */
  rows: z.array(
    group.extend({
      /** Mean accuracy at each place. */
      accuracy: z.array(real),
      /** The least accuracy between the ends, less that of the worse end: 10th percentile. */
      low: real,
      /** The same: 50th percentile. */
      median: real,
      /** The same: 90th percentile. */
      high: real,
    }),
  ),
});
export type StraightWay = RecordOf<typeof straightWay>;

/** How much training networks are worth, by networks that were trained afresh. */
export const trainingScale = z.object({
  /** Networks that were trained afresh, from seeds that nothing saw. */
  networks: z.number(),
  /** Steps of a whole training. */
  steps: z.number(),
  /** The fresh networks after some numbers of steps, fewest first. */
  fresh: z.array(
    z.object({
      /** Steps that they were trained. */
      steps: z.number(),
      /** Test accuracy; the interval is over networks. */
      accuracy: interval,
      /** Mean IoU of wrong predictions between two of them. */
      within: real,
    }),
  ),
  /** One entry for each group. */
  worth: z.array(
    z.object({
      /** Name of the group. */
      name: z.string(),
      family,
      /** Mean test accuracy, a fraction. */
      accuracy: real,
      /**
       * Steps after which fresh networks are as accurate; the interval is over networks of both.
       * The first number of the scale stands for that or fewer, the last for that or more.
       */
      steps: interval,
      /** Mean IoU of wrong predictions between two networks of the group. */
      within: real,
      /** The same of fresh networks that are as accurate. */
      freshWithin: real,
    }),
  ),
});
export type TrainingScale = RecordOf<typeof trainingScale>;

/** The distance of networks to the nearest other one of their group, as distances to originals. */
export const diversity = z.object({
  /** Of samples. */
  samples: quantiles,
  /** Of held-out networks. */
  heldOut: quantiles,
});
export type Diversity = RecordOf<typeof diversity>;
