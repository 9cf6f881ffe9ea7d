/** What must be kept in mind when reading an audit, in sentences. */

import { accuracies } from "../similarity.ts";
import { mean } from "../statistics.ts";
import type { AuditInput } from "./audit-input.ts";

/** The remarks on scores and distances. */
export function remarksOf(input: AuditInput): string[] {
  return [
    ...(input.heldOut === undefined
      ? [
          "No networks were held out (zoo.heldOut: 0), so the distance of a fresh network is unknown: there is no verdict on novelty, and nothing but the originals can set an acceptance threshold.",
        ]
      : []),
    ...(input.samples.selection === undefined ? scoreRemarks(input) : predictionRemarks(input)),
  ];
}

/** Of classifiers that can be run here. */
function predictionRemarks({ originals, samples, chance, originalsDiffer }: AuditInput): string[] {
  const infinite = Array.from(samples.raw).filter((d) => !Number.isFinite(d)).length;
  const selected = samples.selection === undefined ? [] : accuracies(samples.selection);
  const guessing = selected.filter((a) => chance !== undefined && a <= chance).length;
  const copies = Array.from(originals.raw).filter((d) => d === 0).length;
  const count = samples.scores.length;
  return [
    ...(infinite > 0
      ? [
          `${infinite} of ${count} samples hold numbers that are not finite; they count as infinitely far, and wrong wherever their predictions are.`,
        ]
      : []),
    ...(guessing > 0
      ? [
          `${guessing} of ${count} samples do no better on the selection images than always naming the most frequent class.`,
        ]
      : []),
    ...(originalsDiffer && copies > 0 ? [`${copies} originals equal another one that is no neighbour of theirs.`] : []),
  ];
}

/** Of networks that only a user's metric scores. */
function scoreRemarks({ metric, originals, heldOut, samples, shuffled }: AuditInput): string[] {
  if (metric === null) return [];
  const failed = samples.scores.filter((score) => score === null).length;
  const scored = (group: AuditInput["heldOut"]) => (group?.scores ?? []).filter((score) => score !== null);
  const [fresh, lost] = [scored(heldOut), scored(shuffled)];
  const isAsGood = (a: number, b: number) => (metric.higherIsBetter ? a >= b : a <= b);
  return [
    ...(failed > 0
      ? [
          `${failed} of ${samples.scores.length} samples could not be measured; they count as not reaching the acceptance threshold.`,
        ]
      : []),
    ...(fresh.length > 0 && lost.length > 0 && isAsGood(mean(lost), mean(fresh))
      ? [
          `Networks with shuffled parameters score as well as held-out ones: ${metric.name} does not depend on what is generated, or --better is the wrong way round.`,
        ]
      : []),
    ...(originals.scores.every((score) => score === null) ? ["None of the originals could be measured."] : []),
  ];
}
