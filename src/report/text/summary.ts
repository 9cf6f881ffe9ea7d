/** A run in a few sentences: what happened, and what it does and does not mean. */
import type { Classification, Results } from "../../records/index.ts";
import { groupOf } from "../audit-groups.ts";
import { type Classifiers, classifiersOf, type Images, type ReportInput } from "../input.ts";
import { counted } from "./nouns.ts";
import { decimal, percent, percents, shareText } from "./number-format.ts";
import { accuracyDigits, direction, scoreText } from "./score-format.ts";
import { sentences } from "./sentences.ts";
import { keepsNothing } from "./variety-findings.ts";

/**
 * Paragraphs, the first of which says how good the samples are. The others need the accuracies of
 * the networks on two splits.
 */
export function summary(input: ReportInput): string[] {
  const classifiers = classifiersOf(input);
  const made = input.imported ? "made by another generator" : "drawn from noise";
  if (classifiers === undefined) return [scoresParagraph(input, made)];
  if (classifiers.classification.samples.count < 1) return [`No network was ${made}.`];
  return [
    accuracyParagraph(classifiers, made),
    choiceParagraph(classifiers),
    varietyParagraph(classifiers.classification, input.results),
  ].filter((text) => text !== "");
}

const drawn = (count: number, made: string): string =>
  `${counted(count, "network")} ${count === 1 ? "was" : "were"} ${made}.`;

/** How the samples score by any metric. */
function scoresParagraph({ audit, images }: ReportInput, made: string): string {
  const { metric, acceptanceThreshold: threshold } = audit;
  const samples = groupOf(audit, "samples");
  if (samples === undefined) return "No network was drawn.";
  if (metric === null || samples.score === null) return `${drawn(samples.count, made)} No metric scored them.`;
  const originals = groupOf(audit, "originals")?.score;
  const theirs = originals == null ? "" : ` (originals: ${scoreText(metric, originals.mean.value, images)})`;
  return sentences(
    drawn(samples.count, made),
    `Their ${metric.name} is ${scoreText(metric, samples.score.mean.value, images)} on average${theirs}; ${direction(metric)}.`,
    threshold !== null &&
      `${shareText(threshold.cleared.value)} of them reach the acceptance threshold of ${scoreText(metric, threshold.value, images)}${threshold.heldOut > 0 ? ", as 95\u00a0% of the held-out networks do" : ""}.`,
  );
}

/** The samples' accuracy beside that of the originals and of the average of weights. */
function accuracyParagraph({ classification, images }: Classifiers, made: string): string {
  const { samples, originals, ensemble } = classification;
  if (!Number.isFinite(samples.test.mean)) return `${drawn(samples.count, made)} Their accuracy is not known.`;
  const [own = "", theirs = "", average = ""] = percents(
    [samples.test.mean, originals.test.mean, ensemble.test.mean],
    accuracyDigits(images),
  );
  const source =
    originals.count === 1
      ? "the network that the generator learned from"
      : `the ${counted(originals.count, "network")} that the generator learned from`;
  const comparisons = [
    { accuracy: theirs, name: source },
    { accuracy: average, name: "the single network whose weights are the average of the originals’" },
  ]
    .filter(({ accuracy }) => Number.isFinite(Number(accuracy)))
    .map(({ accuracy, name }) => `${relation(own, accuracy)} ${name} (${accuracy}\u00a0%)`);
  const subject = samples.count === 1 ? "It classifies" : "On average they classify";
  const compared = comparisons.length === 0 ? "" : `: ${comparisons.join(" and ")}`;
  return sentences(
    drawn(samples.count, made),
    `${subject} ${own}\u00a0% of the ${counted(images.test, "test image")} correctly${compared}.`,
  );
}

/**
 * `0.61 points above`: the difference of two percentages as they are shown, so that it agrees with
 * them.
 */
function relation(a: string, b: string): string {
  const points = Number(a) - Number(b);
  if (points === 0) return "level with";
  const decimals = a.split(".")[1]?.length ?? 0;
  return `${decimal(Math.abs(points), decimals)} points ${points > 0 ? "above" : "below"}`;
}

/** The best network by the selection images, of samples and of originals. */
function choiceParagraph({ classification: { samples, originals }, images }: Classifiers): string {
  if (samples.count < 2) return "";
  const difference = Math.round(Math.abs(samples.chosenTest - originals.chosenTest) * images.test);
  const standardError = errorOf(originals.chosenTest, images);
  if (!Number.isFinite(difference + standardError)) return "";
  const [own, theirs] = percents([samples.chosenTest, originals.chosenTest], accuracyDigits(images));
  return sentences(
    `Chosen by the ${counted(images.selection, "selection image")} and then measured on the test images,`,
    `the best sample reaches ${own}\u00a0% and the best original ${theirs}\u00a0%,`,
    difference === 0 ? "the same number of images." : `a difference of ${counted(difference, "image")}.`,
    standardError > 0 &&
      `For scale: the standard error of one accuracy measured on ${counted(images.test, "image")} is about ${decimal(100 * standardError)} points.`,
  );
}

/** The standard error of an accuracy that is measured on the test images. */
const errorOf = (accuracy: number, images: Images): number => Math.sqrt((accuracy * (1 - accuracy)) / images.test);

/** Whether the samples are one network repeated, averages, or as varied as the originals. */
function varietyParagraph(classification: Classification, { autoencoder }: Results): string {
  const { originals, ensemble, samples, pairwiseIoU, distance } = classification;
  if (keepsNothing(autoencoder))
    return `The autoencoder keeps almost none of the differences between the originals (${percent(autoencoder.varianceExplained)} of their variance). What is drawn through it is close to one network repeated, however accurate it is.`;
  if (samples.count === 1) return "A single sample cannot show whether the generator draws one network or many.";
  const [toMean, apart] = [decimal(distance.samplesToMean), decimal(distance.samplesApart)];
  if (distance.repeated || pairwiseIoU.repeated)
    return `In effect the samples are one network repeated: they lie ${apart} times as far apart as two originals, and two of them share ${decimal(pairwiseIoU.samples)} of their mistakes.`;
  if (distance.toMean === null || distance.apart === null) return "";
  const lead = "The samples are not one network repeated,";
  if (distance.toMean === "less") {
    const averaging =
      ensemble.test.mean > originals.test.mean
        ? "and averaging alone makes better networks here"
        : "although averaging does not make better networks here";
    return `${lead} but they stay near the middle of the originals, at ${toMean} times the originals’ own distance from the mean. Averages of a few originals behave like this, ${averaging}.`;
  }
  if (distance.apart === "less")
    return `${lead} but they lie in a narrower region than the originals: two samples are ${apart} times as far apart as two originals.`;
  if (distance.toMean === "more")
    return `${lead} and they scatter more widely than the originals, at ${toMean} times the originals’ distance from the mean.`;
  return `${lead} and they spread about as widely as the originals, at ${toMean} times the originals’ distance from the mean and ${apart} times as far apart.`;
}
