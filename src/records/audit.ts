/**
 * What the audit of a run finds (`evaluation/audit.json`): whether its samples are new networks,
 * how good they are, and every number behind the figures. docs/method.md defines each quantity.
 */
import { z } from "zod";
import { collage, diversity, straightWay, trainingScale } from "./evidence.ts";
import { baselineFamilies, family } from "./family.ts";
import { distribution, embedding, ensemblePoint, frontierPoint, similarityByCount, trajectory } from "./figures.ts";
import type { RecordOf } from "./frozen.ts";
import { metric } from "./metric.ts";
import { interval, quantiles, real } from "./statistics.ts";
import { schemaVersion } from "./version.ts";

export const verdictNames = [
  "replica",
  "replica in part",
  "average-like",
  "gaussian-like",
  "noise-like",
  "collapsed",
  "off the map",
  "new",
  "novel",
  "broken",
  "undecided",
] as const;
export type VerdictName = (typeof verdictNames)[number];

/** What the audit decided. */
const verdict = z.object({
  /** The verdict; `docs/method.md` has the rules. */
  name: z.enum(verdictNames),
  /** The name with its number: `replica in part: 18 of 60`. */
  label: z.string(),
  /** The rule that decided, in a sentence with its numbers. */
  rule: z.string(),
  /** What that means, in a sentence. */
  meaning: z.string(),
});
export type Verdict = RecordOf<typeof verdict>;

/** One row of the audit's table. Scores are in units of the metric. */
const auditGroup = z.object({
  /** `originals`, `samples`, `average:16`, `noise:0.05` … */
  name: z.string(),
  family,
  /** Number of networks. */
  count: z.number(),
  /** Networks that the metric failed on. */
  failed: z.number(),
  /** Scores of the networks; null where none was scored. */
  score: z
    .object({
      /** Over networks and, where there are predictions, over test images. */
      mean: interval,
      /** Median score. */
      median: real,
      /** Best score. */
      best: real,
      /** Divided by the number of networks. */
      sd: real,
    })
    .nullable(),
  /** Distance to the nearest original in parameter space, without an original's neighbours. */
  raw: quantiles,
  /**
   * The same with every tensor in units of its spread between originals (or as `byUnits` says),
   * divided by the median of the held-out networks.
   */
  distance: quantiles,
  /** Similarity of mistakes; null where there are no predictions. */
  similarity: z
    .object({
      /** Mean IoU of wrong predictions between two networks of the group. */
      within: real,
      /** Mean IoU between a network of the group and an original. */
      toOriginals: real,
      /** Greatest IoU with any original, averaged over the networks. */
      greatest: real,
    })
    .nullable(),
  /**
   * Cohen's κ of right and wrong with the most similar original, averaged; NaN without predictions.
   */
  kappa: real,
  /**
   * Share of the group that reaches the acceptance threshold and lies farther than τ times the
   * originals' own distance, by τ; empty where there is no threshold.
   */
  novel: z.record(z.string(), real),
  /** One entry for each network, for scatter plots. */
  points: z.object({
    /** Score; null where the metric failed. */
    score: z.array(z.number().nullable()),
    /** Distance to the nearest original, as the group's `distance`. */
    distance: z.array(real),
    /** Greatest IoU with any original; empty where there are no predictions. */
    greatest: z.array(real),
  }),
});
export type AuditGroup = RecordOf<typeof auditGroup>;

/** By how much samples score better than a kind of baseline at the same distance. */
const excess = z.object({
  /** Kind of baseline. */
  family: z.enum(baselineFamilies),
  /** The settings that the baseline's frontier goes through, nearest first. */
  through: z.array(z.string()),
  /** In units of the metric; above 0, samples are better. */
  excess: interval,
  /** The same where the baseline must lie exactly as far, without `tolerance`. */
  exact: interval,
  /** Share of the distance by which a baseline may lie nearer. */
  tolerance: real,
  /** Share of samples farther out than the baseline reaches. */
  beyond: real,
  /** Whether the baseline reaches the distance of most samples. */
  reaches: z.boolean(),
});
export type Excess = RecordOf<typeof excess>;

/** Samples that repeat an original. */
const copies = z.object({
  /** Within the radius of one original, and far from all others. */
  near: z.number(),
  /** Whose mistakes are those of one original. */
  alike: z.number(),
  /** Either of both. */
  count: z.number(),
  /** Number of samples. */
  samples: z.number(),
  /** IoU of mistakes from which on networks count as alike; NaN without predictions. */
  similarity: real,
  /** The same count among networks that cannot be copies. */
  fresh: z.object({
    /** Networks that repeat an original by chance. */
    count: z.number(),
    /** Number of networks. */
    networks: z.number(),
  }),
  /** Fisher's exact test of the two counts, one-sided. */
  p: real,
});
export type Copies = RecordOf<typeof copies>;

/** Whether samples lie nearer to what was learned from than to as many networks never seen. */
const pull = z.object({
  /** Share of samples nearer to a seen network, as if there were as many unseen ones. */
  share: real,
  /** Permutation p of the same share, or more, without copying. */
  p: real,
  /** Networks that were learned from, and compared with. */
  seen: z.number(),
  /** Networks that nothing saw, and that were compared with. */
  unseen: z.number(),
  /** The same share of fresh networks along their training; NaN where there are none. */
  fresh: real.default(Number.NaN),
  /** The same share of every kind of baseline. */
  baselines: z.array(
    z.object({
      /** Kind of baseline. */
      family: z.enum(baselineFamilies),
      /** Share of its networks nearer to a seen network. */
      share: real,
    }),
  ),
});
export type Pull = RecordOf<typeof pull>;

/** What networks cost, in seconds. */
const cost = z.object({
  /** Training the task network. */
  base: real,
  /** Collecting the zoo after it. */
  collect: real,
  /** Fitting the generator. */
  fit: real,
  /** Drawing all samples. */
  sample: real,
  /** One more sample. */
  perSample: real,
  /** One more checkpoint of the zoo. */
  perCheckpoint: real,
  /** One more independent training. */
  perTraining: real,
  /** Number of networks from which on the generator costs less than trainings; null: never. */
  breakEven: z.number().nullable(),
});
export type Cost = RecordOf<typeof cost>;

/** A network that the metric failed on. */
const failure = z.object({
  /** Name of its group. */
  group: z.string(),
  /** Counted from 1. */
  network: z.number(),
  /** What went wrong, in a sentence. */
  problem: z.string(),
});
export type Failure = RecordOf<typeof failure>;

/** What choosing the best network of a group gains. Accuracies are fractions. */
const choice = z.object({
  /** Networks to choose from. */
  count: z.number(),
  /** Test accuracy of the network that is best on the selection split. */
  bySelection: interval,
  /** Expected gain on the test split, over a random network, of choosing by the selection split. */
  gain: interval,
  /** The greatest test accuracy. */
  byTest: real,
  /** Expected bias of choosing on the test split. */
  optimism: real,
});
export type Choice = RecordOf<typeof choice>;

/** `evaluation/audit.json`. */
export const audit = z.object({
  schemaVersion,
  verdict,
  /** Null where nothing scores the networks: then only parameters are compared. */
  metric: metric.nullable(),
  /** Set by held-out networks before anything is sampled; null where there is nothing to set it. */
  acceptanceThreshold: z
    .object({
      /** In units of the metric. */
      value: real,
      /** Number of held-out networks that set it; 0 where the originals did. */
      heldOut: z.number(),
      /**
       * Score without learning: of the most frequent class, or of shuffled parameters; null where
       * no network with shuffled parameters could be measured.
       */
      chance: real.nullable(),
      /** Share of samples that reach it. */
      cleared: interval,
    })
    .nullable(),
  /** Steps of the trajectory within which checkpoints are neighbours; 0 without a trajectory. */
  neighbours: z.number(),
  groups: z.array(auditGroup),
  /** The best baseline that reaches the samples' distance is first; those that do not are last. */
  excess: z.array(excess),
  /** Whether samples repeat originals, or hold on to them. */
  copying: z.object({
    /** Statistic of Meehan et al.: far below 0, samples lie nearer to originals than held-out. */
    zu: real,
    /** Percentiles of it when samples and held-out networks change places at random. */
    null: quantiles,
    /** Share of such exchanges with a statistic at most as large. */
    p: real,
    /** Whether samples lie nearer than chance explains. */
    nearer: z.boolean(),
    /** The samples' median distance divided by that of the held-out networks. */
    distance: real,
    /** The same divided by the held-out networks' 95th percentile. */
    farthest: real,
    copies,
    /** Within this distance of one original a sample counts as its near-duplicate. */
    radius: real,
    /** Null where networks were not trained separately, or none was held out. */
    pull: pull.nullable(),
  }),
  /**
   * The distance of a sample to the nearest other one, as a share of that of held-out networks
   * (originals, without them); median of the group. NaN where it was not measured.
   */
  collapse: real,
  /** Share that reaches the acceptance threshold, and what samples lack in the mean. */
  performance: z
    .object({
      /** Share of samples. */
      samples: interval,
      /** Share of held-out networks. */
      heldOut: real,
      /** Mean score of held-out networks above that of samples; below 0, samples are better. */
      gap: real,
    })
    .nullable(),
  /** What samples have in common with averages of originals. */
  averaging: z.object({
    /** How much more alike samples are than originals; null without predictions. */
    within: z.number().nullable(),
    /** How much more like originals samples are than originals are; null without predictions. */
    between: z.number().nullable(),
    /** Distance of samples to the originals' mean, in units of the originals' own. */
    toMean: real,
    /** Whether that is so near that samples lie as averages do. */
    nearMean: z.boolean(),
    /** Distance between two samples, in units of the originals' own. */
    apart: real,
    /** Whether that is so near that they are one network repeated. */
    repeated: z.boolean(),
    /** Whether samples look like averages of originals. */
    signature: z.boolean(),
  }),
  /**
   * Whether distances are over all orders of the hidden units: plain, and weighted by what each
   * coordinate changes in the outputs. So it is for separate trainings with known hidden units.
   */
  byUnits: z.boolean(),
  /** Null where hidden units are not known, nothing was held out, or the record is older. */
  collage: collage.nullable().default(null),
  /** Null where networks cannot be run here or are too large, or the record is older. */
  straightWay: straightWay.nullable().default(null),
  /** Null where networks were not trained separately here, or the record is older. */
  trainingScale: trainingScale.nullable().default(null),
  /** Null where no networks were held out, or the record is older. */
  diversity: diversity.nullable().default(null),
  /** What choosing the best gains, by group; empty without predictions. */
  choice: z.array(
    choice.extend({
      /** Name of the group. */
      name: z.string(),
    }),
  ),
  /** Ensembles of the networks of each group; empty without predictions. */
  ensembles: z.array(
    z.object({
      /** Name of the group. */
      name: z.string(),
      points: z.array(ensemblePoint),
    }),
  ),
  /** The data set that ensembles were to tell from the test split; null where there is none. */
  otherData: z.string().nullable(),
  /** Null where the journal lacks it. */
  cost: cost.nullable(),
  trajectory: trajectory.nullable(),
  embeddings: z.array(embedding),
  /** Null without predictions. */
  similarityByCount: similarityByCount.nullable(),
  distributions: z.array(distribution),
  frontier: z.array(frontierPoint),
  /** Networks that the metric failed on, and why. */
  failures: z.array(failure),
  /** What could not be done or must be kept in mind, in sentences. */
  remarks: z.array(z.string()),
});
/**
 * What the audit of a run found.
 * @category Results
 */
export type Audit = RecordOf<typeof audit>;
