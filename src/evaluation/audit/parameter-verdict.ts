/**
 * The verdict where scores cannot decide: most samples have none, or nothing scores networks and
 * only their parameters can be compared.
 */
import type { Verdict } from "../../records/index.ts";
import type { AuditInput } from "./audit-input.ts";
import { copiesOriginals, isCollapsed, isPulled, MIN_NETWORKS, pullText, withoutHeldOut } from "./verdict.ts";
import type { VerdictFacts } from "./verdict-facts.ts";
import { probability } from "./verdict-phrases.ts";

/** The verdict on samples of which most came to no number, where given networks did. */
export function verdictOnFailures(
  { originals, heldOut, samples }: Pick<AuditInput, "originals" | "heldOut" | "samples">,
  metric: string,
): Verdict | undefined {
  const count = samples.scores.length;
  const failed = samples.scores.filter((score) => score === null).length;
  const given = [...originals.scores, ...(heldOut?.scores ?? [])];
  const works = given.filter((score) => score !== null).length;
  if (works === 0 || 2 * failed <= count) return undefined;
  return {
    name: "broken",
    label: "broken",
    rule: `${failed} of ${count} samples came to no ${metric}, where ${works} of ${given.length} given networks did.`,
    meaning: "The samples do not work.",
  };
}

/** What a verdict by parameters alone rests on. */
type ParameterFacts = Pick<
  VerdictFacts,
  "counts" | "copies" | "radius" | "zu" | "p" | "pull" | "collapse" | "nearMean"
> & {
  /** Whether samples lie as averages of originals would. */
  readonly signature: boolean;
};

/** What parameters alone tell. */
export function verdictByParameters(originalsDiffer: boolean, facts: ParameterFacts): Verdict {
  const counts: readonly (readonly [string, number])[] = [
    ["originals", facts.counts.originals],
    ["held-out networks", facts.counts.heldOut],
    ["samples", facts.counts.samples],
  ];
  const known = withoutHeldOut(facts);
  if (known !== undefined) return known;
  const few = counts.find(([, count]) => count < MIN_NETWORKS);
  const unknown = "Nothing measured what the networks are worth, so whether the samples work is not known.";
  if (few !== undefined || !originalsDiffer)
    return {
      name: "undecided",
      label: "undecided",
      rule:
        few === undefined
          ? "The originals are all the same network, so nothing has a distance from them."
          : `There are ${few[1]} ${few[0]}; the audit needs at least ${MIN_NETWORKS}.`,
      meaning: "There is too little to tell whether the samples are new.",
    };
  const { copies, zu, p, pull } = facts;
  const group =
    pull !== null
      ? `as a group, ${pullText(pull)}`
      : `as a group they lie ${zu < 0 ? "nearer to" : "no nearer to"} the originals than held-out networks do (Z_U ${zu.toFixed(1)}, ${probability(p)})`;
  const repeated = copiesOriginals(facts);
  if (repeated !== undefined)
    return { ...repeated, rule: `${repeated.rule} As a group${group.slice("as a group".length)}.` };
  const collapsed = isCollapsed(facts);
  if (collapsed !== undefined) return { ...collapsed, meaning: `${collapsed.meaning} ${unknown}` };
  if (facts.signature)
    return {
      name: "average-like",
      label: "average-like",
      rule: "Samples lie nearer to the mean of the originals, and nearer to one another, than originals do, as averages of originals would.",
      meaning: `The samples lie where averages lie. ${unknown}`,
    };
  if (isPulled(pull))
    return {
      name: "replica",
      label: "replica",
      rule: `The samples hold on to the networks that were learned from: ${pullText(pull)}.`,
      meaning: `The samples lie where the networks that were learned from lie. ${unknown}`,
    };
  return {
    name: "undecided",
    label: "undecided",
    rule: `${copies.count} of ${copies.samples} samples repeat an original; ${group}.`,
    meaning: `${unknown} Give a program that prints it: pdiff evaluate RUN --force --evaluate 'command {checkpoint}'.`,
  };
}
