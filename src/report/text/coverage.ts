/** What the audit covers and what it does not, in short paragraphs. */
import type { Audit, Family } from "../../records/index.ts";
import { hasPredictions, isBaseline } from "../audit-groups.ts";
import { counted } from "./nouns.ts";
import { whole } from "./number-format.ts";
import { sentences } from "./sentences.ts";

/** Paragraphs on what was compared and what is missing, then the audit's own remarks. */
export function coverage(audit: Audit): string[] {
  const baselines = audit.groups.filter(({ family }) => isBaseline(family));
  const networks = baselines.reduce((sum, { count }) => sum + count, 0);
  const compared =
    baselines.length === 0
      ? "no baselines"
      : `${counted(baselines.length, "baseline setting")}, ${counted(networks, "network")} in all`;
  const missing = missingParts(audit);
  return [
    sentences(`The samples are compared with ${compared}, at the same distance from the originals.`, intervals(audit)),
    sentences(
      "Distances see weights, not functions.",
      !audit.byUnits &&
        "Two networks that differ only in the order of their hidden units lie far apart here and are the same function.",
      hasPredictions(audit) && "The similarity of mistakes compares functions.",
      "All originals come from one procedure: the verdict holds for networks made like them.",
    ),
    missing.length === 0 ? "" : `Not covered: ${missing.join("; ")}.`,
    audit.neighbours > 0
      ? `Checkpoints within ${whole(audit.neighbours)} places of one another on the trajectory count as neighbours.`
      : "",
    ...audit.remarks,
  ].filter((text) => text !== "");
}

/** Over what the intervals are. */
function intervals(audit: Audit): string {
  const { metric } = audit;
  if (metric === null) return "No metric scored the networks, so the verdict rests on parameters alone.";
  if (hasPredictions(audit)) return "Intervals are over networks and test images.";
  return `Each network has one score, its ${metric.name}: shared mistakes, ensembles and calibration cannot be examined. Intervals are over networks, not over whatever the score was measured on.`;
}

function missingParts(audit: Audit): string[] {
  const has = (family: Family) => audit.groups.some((group) => group.family === family);
  const predictions = hasPredictions(audit);
  const parts: readonly (readonly [isMissing: boolean, text: string])[] = [
    [!has("heldOut"), "no networks were held out, so nothing shows how far a new network lies"],
    [
      predictions && !has("references"),
      "no networks were trained from other initial values, so nothing shows how different networks can be",
    ],
    [predictions && audit.trajectory === null, "the sampler’s trajectory was not evaluated"],
    [predictions && audit.ensembles.length === 0, "no ensembles were formed"],
    [predictions && audit.frontier.length === 0, "there are no snapshots of the generator’s training"],
    [
      audit.otherData === null && audit.ensembles.length > 0,
      "there was no other data set for ensembles to separate from the test images",
    ],
  ];
  return parts.filter(([isMissing]) => isMissing).map(([, text]) => text);
}
