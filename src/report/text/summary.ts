/** A run's numbers in plain English: what happened, and what it does and does not mean. */

import type { ReportInput, Results } from "../results.ts";
import { counted, decimal, percent, percents } from "./number-format.ts";

/** A number that says what the samples are, and what to make of it. */
export interface Finding {
  readonly label: string;
  readonly value: string;
  readonly meaning: string;
}

/** Below this share of the originals’ variance an autoencoder returns nearly the same network whatever goes in. */
const FAILED_FIT = 0.1;

/** Samples nearer to each other than this, in units of two originals’ distance, are one network repeated. */
const REPEATED_APART = 0.05;

/** Samples that share more of their mistakes than this are one network repeated, unless the originals do as well. */
const REPEATED_IOU = 0.95;

/** Relative distances between these count as about the same. */
const SAME = { from: 0.8, to: 1.25 };

/** Mean IoUs that differ by less than this count as about the same. */
const SAME_IOU = 0.05;

/** Paragraphs on what happened, computed from the numbers. */
export function summary(results: Results, images: ReportInput["images"]): string[] {
  if (results.samples.count < 1) return ["No network was drawn from noise."];
  return [averages(results, images), chosen(results, images), variety(results)].filter((text) => text !== "");
}

/** The numbers that tell a new network from a copy of the mean. */
export function findings(results: Results): Finding[] {
  const { autoencoder, pairwiseIoU, distance, samples } = results;
  const found = autoencoder === null ? [] : [variance(autoencoder)];
  if (samples.count < 2) return found;
  return [
    ...found,
    {
      label: "Shared mistakes",
      value: decimal(pairwiseIoU.samples),
      meaning: `Of the test images that either of two samples gets wrong, the share that both get wrong, averaged over all pairs. ${alike(pairwiseIoU)}`,
    },
    {
      label: "Distance to the mean",
      value: `${decimal(distance.samplesToMean)} ×`,
      meaning: `How far the samples lie from the mean of the originals’ weights, where the originals’ own distance is 1. ${towardsMean(distance.samplesToMean)}`,
    },
    {
      label: "Distance apart",
      value: `${decimal(distance.samplesApart)} ×`,
      meaning: `How far two samples lie from each other, where the distance of two originals is 1. ${apart(distance.samplesApart)}`,
    },
  ];
}

function variance({ varianceExplained, type, latent, range }: NonNullable<Results["autoencoder"]>): Finding {
  return {
    label: "Variance explained",
    value: percent(varianceExplained),
    meaning: `${explained(varianceExplained)} The ${type} autoencoder describes a network by ${counted(latent, "number")}, which range from ${decimal(range.min)} to ${decimal(range.max)} with a standard deviation of ${decimal(range.sd)} before they are standardised for the diffusion.`,
  };
}

function averages({ samples, originals, ensemble }: Results, images: ReportInput["images"]): string {
  const [own, theirs, average] = percents([samples.test.mean, originals.test.mean, ensemble.test.mean]);
  const one = samples.count === 1;
  const drawn = `${counted(samples.count, "network")} ${one ? "was" : "were"} drawn from noise.`;
  if (!Number.isFinite(samples.test.mean)) return `${drawn} Their accuracy is not known.`;
  const source =
    originals.count === 1
      ? "the network the generator learned from"
      : `the ${counted(originals.count, "network")} the generator learned from`;
  const baselines = [
    [theirs!, source],
    [average!, "the single network whose weights are the average of the originals’"],
  ] as const;
  const comparisons = baselines
    .filter(([accuracy]) => Number.isFinite(Number(accuracy)))
    .map(([accuracy, name]) => `${relation(own!, accuracy)} ${name} (${accuracy}\u00a0%)`);
  return `${drawn} ${one ? "It classifies" : "On average they classify"} ${own}\u00a0% of the ${counted(images.test, "test image")} correctly${comparisons.length === 0 ? "" : `: ${comparisons.join(" and ")}`}.`;
}

function chosen({ samples, originals }: Results, images: ReportInput["images"]): string {
  if (samples.count < 2) return "";
  const [own, theirs] = percents([samples.chosenTest, originals.chosenTest]);
  const difference = Math.round(Math.abs(samples.chosenTest - originals.chosenTest) * images.test);
  const standardError = Math.sqrt((originals.chosenTest * (1 - originals.chosenTest)) / images.test);
  if (!Number.isFinite(difference + standardError)) return "";
  return [
    `Chosen by the ${counted(images.selection, "selection image")} and then measured on the test images,`,
    `the best sample reaches ${own}\u00a0% and the best original ${theirs}\u00a0%,`,
    difference === 0 ? "the same number of images." : `a difference of ${counted(difference, "image")}.`,
    standardError > 0
      ? `For scale: the standard error of one accuracy measured on ${counted(images.test, "image")} is about ${decimal(100 * standardError)} points.`
      : "",
  ]
    .join(" ")
    .trim();
}

/** Whether the samples are one network repeated, averages, or as varied as the originals. */
function variety({ originals, ensemble, samples, autoencoder, pairwiseIoU, distance }: Results): string {
  if (autoencoder !== null && autoencoder.varianceExplained < FAILED_FIT)
    return `The autoencoder keeps next to none of the differences between the originals (${percent(autoencoder.varianceExplained)} of their variance). What is drawn through it is close to one network repeated, however accurate it is.`;
  if (samples.count === 1) return "A single sample cannot show whether the generator draws one network or many.";
  const { samplesToMean: toMean, samplesApart } = distance;
  const sameMistakes = pairwiseIoU.samples > REPEATED_IOU && pairwiseIoU.originals < REPEATED_IOU - SAME_IOU;
  if (samplesApart < REPEATED_APART || sameMistakes)
    return `In effect the samples are one network repeated: they lie ${decimal(samplesApart)} times as far apart as two originals, and two of them share ${decimal(pairwiseIoU.samples)} of their mistakes.`;
  if (!Number.isFinite(toMean + samplesApart)) return "";
  const lead = "The samples are not one network repeated,";
  if (toMean < SAME.from)
    return `${lead} but they keep to the middle of the originals, at ${decimal(toMean)} times the originals’ own distance from the mean. That is how averages of a few originals behave${ensemble.test.mean > originals.test.mean ? ", and averaging alone makes better networks here" : ", although averaging does not make better networks here"}.`;
  if (samplesApart < SAME.from)
    return `${lead} but they lie in a narrower region than the originals: two samples are ${decimal(samplesApart)} times as far apart as two originals.`;
  if (toMean > SAME.to)
    return `${lead} and they scatter more widely than the originals, at ${decimal(toMean)} times the originals’ distance from the mean.`;
  return `${lead} and they spread about as widely as the originals, at ${decimal(toMean)} times the originals’ distance from the mean and ${decimal(samplesApart)} times as far apart.`;
}

/** `0.61 points above`: the difference of two percentages as they are shown, so that it agrees with them. */
function relation(a: string, b: string): string {
  const points = Number(a) - Number(b);
  if (points === 0) return "level with";
  return `${decimal(Math.abs(points), a.split(".")[1]!.length)} points ${points > 0 ? "above" : "below"}`;
}

function explained(share: number): string {
  if (!Number.isFinite(share)) return "It could not be computed.";
  if (share >= 0.95) return "Nearly all that tells one original from another survives the way through the autoencoder.";
  if (share >= 0.5)
    return "Most of what tells one original from another survives the way through the autoencoder; the rest cannot be generated.";
  if (share >= FAILED_FIT)
    return "The autoencoder loses most of what tells one original from another, and brings all of them closer to their mean.";
  return "The autoencoder returns nearly the same network whatever goes in: it has learned the mean of the originals and little else.";
}

function alike({ samples, originals }: Results["pairwiseIoU"]): string {
  if (!Number.isFinite(samples - originals)) return "It could not be compared with the originals.";
  const theirs = `(${decimal(originals)})`;
  if (samples > originals + SAME_IOU) return `Samples are more alike than originals ${theirs}.`;
  if (samples < originals - SAME_IOU) return `Samples are less alike than originals ${theirs}.`;
  return `Samples are about as alike as originals ${theirs}.`;
}

function towardsMean(distance: number): string {
  if (!Number.isFinite(distance)) return "It could not be computed.";
  if (distance < SAME.from)
    return "Samples closer to the mean than the originals behave like averages of them: read their accuracy beside that of the average.";
  if (distance > SAME.to) return "The samples lie outside the cloud of the originals.";
  return "The samples are as far out as the originals.";
}

function apart(distance: number): string {
  if (!Number.isFinite(distance)) return "It could not be computed.";
  if (distance < REPEATED_APART) return "They are nearly the same network.";
  if (distance < SAME.from) return "They are less varied than the originals.";
  if (distance > SAME.to) return "They are more varied than the originals.";
  return "They are about as varied as the originals.";
}
