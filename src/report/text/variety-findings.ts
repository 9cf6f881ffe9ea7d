/** The numbers that distinguish varied networks from copies of their mean, with what they mean. */
import type { Audit, AutoencoderFacts, Classification, Comparison, Results } from "../../records/index.ts";
import { groupOf } from "../audit-groups.ts";
import type { Finding } from "./finding.ts";
import { counted } from "./nouns.ts";
import { decimal, percent } from "./number-format.ts";
import { sentences } from "./sentences.ts";

/**
 * Shares of variance explained below which the words for it change; the fit decides what passes.
 */
const EXPLAINED = { nearlyAll: 0.95, most: 0.5, some: 0.1 };

/** Whether an autoencoder returns nearly the same network whatever goes in. */
export function keepsNothing(autoencoder: AutoencoderFacts | null): autoencoder is AutoencoderFacts {
  return autoencoder !== null && autoencoder.varianceExplained < EXPLAINED.some;
}

/** Findings on the autoencoder and on how samples spread, without those that are not known. */
export function varietyFindings(results: Results, audit: Audit): Finding[] {
  const { autoencoder, classification } = results;
  const count = classification?.samples.count ?? groupOf(audit, "samples")?.count ?? 0;
  const found = autoencoder === null ? [] : [varianceFinding(autoencoder)];
  if (count < 2) return found;
  if (classification !== null) found.push(mistakesFinding(classification.pairwiseIoU));
  return [...found, ...distanceFindings(classification, audit.averaging)];
}

function varianceFinding({ varianceExplained, type, latent, range }: AutoencoderFacts): Finding {
  return {
    label: "Variance explained",
    value: percent(varianceExplained),
    meaning: sentences(
      explained(varianceExplained),
      `The ${type} autoencoder describes a network by ${counted(latent, "number")}, which range from ${decimal(range.min)} to ${decimal(range.max)} with a standard deviation of ${decimal(range.sd)} before they are standardised for the diffusion.`,
    ),
  };
}

function explained(share: number): string {
  if (!Number.isFinite(share)) return "It could not be computed.";
  const differences = "of the differences between originals";
  if (share >= EXPLAINED.nearlyAll) return `The autoencoder keeps nearly all ${differences}.`;
  if (share >= EXPLAINED.most) return `The autoencoder keeps most ${differences}; the rest cannot be generated.`;
  if (share >= EXPLAINED.some)
    return `The autoencoder loses most ${differences}, and brings all originals closer to their mean.`;
  return "The autoencoder returns nearly the same network whatever goes in: it has learned the mean of the originals and little else.";
}

function mistakesFinding({ samples, originals, comparison }: Classification["pairwiseIoU"]): Finding {
  return {
    label: "Shared mistakes",
    figure: "similarity-bars",
    value: decimal(samples),
    meaning: `Of the test images that either of two samples gets wrong, the share that both get wrong, averaged over all pairs. ${alike(comparison, decimal(originals))}`,
  };
}

function alike(comparison: Comparison, originals: string): string {
  switch (comparison) {
    case "more":
      return `Samples are more alike than originals (${originals}).`;
    case "less":
      return `Samples are less alike than originals (${originals}).`;
    case "same":
      return `Samples are about as alike as originals (${originals}).`;
    case null:
      return "It could not be compared with the originals.";
    default:
      return comparison satisfies never;
  }
}

/** Distances to the mean and between samples: compared with originals where that is known. */
function distanceFindings(classification: Classification | null, averaging: Audit["averaging"]): Finding[] {
  const distance = classification?.distance;
  const toMean = distance?.samplesToMean ?? averaging.toMean;
  const between = distance?.samplesApart ?? averaging.apart;
  return [
    {
      label: "Distance to the mean",
      value: `${decimal(toMean)} ×`,
      meaning: sentences(
        "How far the samples lie from the mean of the originals’ weights, where the originals’ own distance is 1.",
        distance === undefined
          ? averaging.nearMean
            ? "They lie nearer than originals, as averages do."
            : "They lie about as far out as originals, or farther."
          : towardsMean(distance.toMean),
      ),
    },
    {
      label: "Distance apart",
      value: `${decimal(between)} ×`,
      meaning: sentences(
        "How far two samples lie from each other, where the distance of two originals is 1.",
        distance === undefined
          ? averaging.repeated && "They are nearly the same network."
          : distance.repeated
            ? "They are nearly the same network."
            : varied(distance.apart),
      ),
    },
  ];
}

function towardsMean(comparison: Comparison): string {
  switch (comparison) {
    case "less":
      return "Samples closer to the mean than the originals behave like averages of them: compare their accuracy with that of the average.";
    case "more":
      return "The samples lie outside the cloud of the originals.";
    case "same":
      return "The samples are as far out as the originals.";
    case null:
      return "It could not be computed.";
    default:
      return comparison satisfies never;
  }
}

function varied(comparison: Comparison): string {
  switch (comparison) {
    case "less":
      return "They are less varied than the originals.";
    case "more":
      return "They are more varied than the originals.";
    case "same":
      return "They are about as varied as the originals.";
    case null:
      return "It could not be computed.";
    default:
      return comparison satisfies never;
  }
}
