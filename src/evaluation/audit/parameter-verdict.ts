/**
 * The verdict where scores cannot decide: most samples have none, or nothing scores networks and
 * only their parameters can be compared.
 */
import type { Copies, Verdict } from "../../records/index.ts";
import type { AuditInput } from "./audit-input.ts";
import { copiesOriginals, copiesWithoutHeldOut, isPulled, MIN_NETWORKS, pullText } from "./verdict.ts";
import type { DecidingPull } from "./verdict-facts.ts";
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

/** What parameters alone tell. */
export function verdictByParameters(
  { originals, heldOut, samples, originalsDiffer }: AuditInput,
  facts: {
    readonly copies: Copies;
    readonly radius: number;
    readonly zu: number;
    readonly p: number;
    readonly pull: DecidingPull | null;
    readonly signature: boolean;
  },
): Verdict {
  const counts: readonly (readonly [string, number])[] = [
    ["originals", originals.standardised.length],
    ["held-out networks", heldOut?.standardised.length ?? 0],
    ["samples", samples.standardised.length],
  ];
  const copied = copiesWithoutHeldOut(facts, heldOut?.standardised.length ?? 0);
  if (copied !== undefined) return copied;
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
