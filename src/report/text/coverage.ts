/** What the audit covers and what it does not, in short paragraphs. */
import type { Audit } from "../audit.ts";
import { BASELINES } from "../drawing/group-styles.ts";
import { counted, whole } from "./number-format.ts";

/** Computed from what is there; the audit's own remarks come after. */
export function coverage(audit: Audit): string[] {
  const baselines = audit.groups.filter(({ family }) => (BASELINES as readonly string[]).includes(family));
  const has = (family: string) => audit.groups.some((group) => group.family === family);
  const missing = [
    has("heldOut") ? "" : "no networks were held out, so nothing shows how far a fresh network lies",
    has("references")
      ? ""
      : "no networks were trained from other initial values, so nothing shows how unlike networks can be",
    baselines.length > 0 ? "" : "there are no baselines",
    audit.trajectory === null ? "the denoising was not followed" : "",
    audit.ensembles.length === 0 ? "no ensembles were formed" : "",
    audit.frontier.length === 0 ? "the generator was not looked at while it trained" : "",
    audit.otherData === null && audit.ensembles.length > 0
      ? "no other data set was there for ensembles to tell from the test images"
      : "",
  ].filter((text) => text !== "");
  return [
    `The samples are set beside ${baselines.length === 0 ? "no baselines" : `${counted(baselines.length, "baseline setting")}, ${whole(baselines.reduce((sum, { count }) => sum + count, 0))} networks in all`}, at the same distance from the originals, with intervals over networks and test images.`,
    "Distances see weights, not functions: two networks that differ only in the order of their hidden units lie far apart here and are the same. The similarity of mistakes sees through that. And all originals come from one procedure on one data set: what the verdict says holds for that.",
    ...(missing.length === 0 ? [] : [`Not covered: ${missing.join("; ")}.`]),
    ...audit.remarks,
  ];
}
