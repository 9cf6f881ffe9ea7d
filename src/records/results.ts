/** What the evaluation of a run finds (`evaluation/results.json`). */
import { z } from "zod";

import type { RecordOf } from "./frozen.ts";

import { metric } from "./metric.ts";
import { real, spread } from "./statistics.ts";
import { schemaVersion } from "./version.ts";

/** What the fit knows about the autoencoder. */
export const autoencoderFacts = z.object({
  /** Name of the autoencoder, such as `conv`. */
  type: z.string(),
  /** 1 − ‖v − v̂‖² / ‖v − mean‖² over the originals: 1 is exact, 0 no better than their mean. */
  varianceExplained: real,
  /** Numbers in a latent. */
  latent: z.number(),
  /** Of the latents before they are standardised. */
  range: z.object({
    /** Least value. */
    min: real,
    /** Greatest value. */
    max: real,
    /** Standard deviation. */
    sd: real,
  }),
});
export type AutoencoderFacts = RecordOf<typeof autoencoderFacts>;

/** Groups of classifiers, in the order in which they are evaluated and listed. */
export const classifierGroupNames = ["originals", "ensemble", "reconstructions", "samples"] as const;
export type ClassifierGroupName = (typeof classifierGroupNames)[number];

/** Accuracies of a group of classifiers, fractions. */
const classifierGroup = z.object({
  /** Number of networks. */
  count: z.number(),
  /** Accuracies on the selection (validation) split. */
  selection: spread,
  /** Accuracies on the test split. */
  test: spread,
  /** Test accuracy of the network that is best on the selection split. */
  chosenTest: real,
  /** One accuracy for each network. */
  accuracies: z.object({
    /** On the selection (validation) split. */
    selection: z.array(real),
    /** On the test split. */
    test: z.array(real),
  }),
});
export type ClassifierGroup = RecordOf<typeof classifierGroup>;

/** How samples compare with the originals; null where that could not be computed. */
const comparison = z.enum(["less", "same", "more"]).nullable();
export type Comparison = RecordOf<typeof comparison>;

/** What is known where the networks are classifiers that can be run here. */
const classification = z.object({
  originals: classifierGroup,
  /** One network: the average of the originals' weights. */
  ensemble: classifierGroup,
  /** Null where the generator has no autoencoder. */
  reconstructions: classifierGroup.nullable(),
  samples: classifierGroup,
  /** Mean over pairs of the intersection over union of wrong test predictions. */
  pairwiseIoU: z.object({
    /** Between two originals. */
    originals: real,
    /** Between two samples. */
    samples: real,
    /** Whether samples are more alike than originals. */
    comparison,
    /**
     * Whether the samples share nearly all of their mistakes: then they are one network repeated.
     */
    repeated: z.boolean(),
  }),
  /** Distances of samples in units of the originals' own. */
  distance: z.object({
    /** Distance to the originals' mean. */
    samplesToMean: real,
    /** Distance between two samples. */
    samplesApart: real,
    toMean: comparison,
    apart: comparison,
    /** Whether two samples lie so near to each other that they are one network repeated. */
    repeated: z.boolean(),
  }),
});
export type Classification = RecordOf<typeof classification>;

/** Scores of a group by a user's metric. */
export const scores = z.object({
  /** Places of the scored networks in their group, from 0. */
  networks: z.array(z.number()),
  /** One score for each of them; null where the metric failed. */
  values: z.array(z.number().nullable()),
  /** Networks that the metric failed on. */
  failures: z.array(
    z.object({
      /** Place in the group, from 0. */
      network: z.number(),
      /** What went wrong, in a sentence. */
      problem: z.string(),
    }),
  ),
});
export type Scores = RecordOf<typeof scores>;

/** `evaluation/results.json`. */
export const results = z.object({
  schemaVersion,
  /** Null where nothing scores the networks. */
  metric: metric.nullable(),
  /** Null where the networks cannot be run here. */
  classification: classification.nullable(),
  /** Scores by a user's metric; null where there is none. */
  scores: z.object({ heldOut: scores, originals: scores, samples: scores, shuffled: scores }).nullable(),
  /** Null where the generator has none. */
  autoencoder: autoencoderFacts.nullable(),
  /** Seconds of each stage, in the order they ran. */
  seconds: z.record(z.string(), z.number()),
});
/**
 * What the evaluation of a run found.
 * @category Results
 */
export type Results = RecordOf<typeof results>;
