/** What the audit found beside its figures, each number with what to make of it. */
import type { Audit } from "../audit.ts";
import { families, groupOf } from "../drawing/group-styles.ts";
import { counted, decimal, percent, whole } from "./number-format.ts";
import type { Finding } from "./summary.ts";

/** A statistic as rare as this among exchanged groups is no accident. */
const UNLIKELY = 0.01;

/** Findings in the order of the verdict's rules; those that are not known are left out. */
export function auditFindings(audit: Audit): Finding[] {
  return [
    thresholdFinding(audit),
    excessFinding(audit),
    copyingFinding(audit),
    duplicateFinding(audit),
    unitsFinding(audit),
    averagingFinding(audit),
    kappaFinding(audit),
    novelFinding(audit),
  ].filter((finding) => finding !== undefined);
}

function thresholdFinding({ acceptanceThreshold }: Audit): Finding | undefined {
  if (!Number.isFinite(acceptanceThreshold.cleared.value)) return undefined;
  const source =
    acceptanceThreshold.heldOut > 0
      ? `what all but a twentieth of ${counted(acceptanceThreshold.heldOut, "held-out network")} reach`
      : "taken from the originals, as no networks were held out";
  return {
    label: "Reach the acceptance threshold",
    value: percent(acceptanceThreshold.cleared.value),
    meaning: `Share of samples that reach ${percent(acceptanceThreshold.accuracy)} on the selection images, ${source}; fixed before anything was sampled. Interval of 95\u00a0%: ${percent(acceptanceThreshold.cleared.low)} to ${percent(acceptanceThreshold.cleared.high)}.`,
  };
}

function excessFinding({ excess }: Audit): Finding | undefined {
  const best = excess[0];
  if (best === undefined || !Number.isFinite(best.excess.value)) return undefined;
  const { value, low, high } = best.excess;
  const { exact } = best;
  const exactly =
    exact === undefined
      ? ""
      : ` Baselines may lie 5\u00a0% nearer there, as much as their distances scatter; at exactly the samples’ distance it is ${signed(exact.value)} (${signed(exact.low)} to ${signed(exact.high)}).`;
  const title = families[best.family].title;
  return {
    label: "Points above the best baseline",
    value: signed(value),
    meaning: `Accuracy of the samples above that of ${title} at the same distance from the originals, the best of ${counted(excess.length, "family").replace(/familys$/, "families")} of baselines; in points, interval of 95\u00a0%: ${signed(low)} to ${signed(high)}. ${low > 0 ? "Nothing simpler is as good so far away." : high < 0 ? "The baseline is better." : "The samples are not reliably better."}${exactly}`,
  };
}

function copyingFinding({ copying }: Audit): Finding | undefined {
  const { zu, p } = copying;
  if (!Number.isFinite(zu)) return undefined;
  const exchanged = Number.isFinite(copying.null.low)
    ? ` When samples and held-out networks change places at random it lies between ${decimal(copying.null.low)} and ${decimal(copying.null.high)} nine times in ten.`
    : "";
  const nearer = zu < 0 && p < UNLIKELY;
  return {
    label: "Copying statistic",
    value: `Z ${decimal(zu)}`,
    meaning: `Whether samples lie nearer to originals than held-out networks do (Meehan et al.); far below 0 they do.${exchanged} ${nearer ? `So low a value comes by chance with probability ${probability(p)}: the samples lie nearer${farShare(copying.distance)}.` : zu > 0 ? "The samples do not lie nearer." : "That is within what chance gives."}`,
  };
}

/** How much nearer; earlier versions did not tell. */
const farShare = (distance: number | undefined): string =>
  distance === undefined ? "" : `, at ${decimal(distance)} of the held-out networks’ median distance`;

function duplicateFinding(audit: Audit): Finding | undefined {
  const { nearDuplicates, radius } = audit.copying;
  const samples = groupOf(audit, "samples")?.count ?? 0;
  if (!Number.isFinite(nearDuplicates) || samples === 0) return undefined;
  return {
    label: "Near-duplicates",
    value: `${whole(nearDuplicates)} of ${whole(samples)}`,
    meaning: `Samples within ${decimal(radius)} of one original, where a held-out network lies at 1, and twice as far from all others.`,
  };
}

/** Where distances do not see the order of units; audits of earlier versions had none such. */
function unitsFinding(audit: Audit): Finding | undefined {
  const [samples, heldOut] = [groupOf(audit, "samples"), groupOf(audit, "heldOut")];
  if (audit.byUnits !== true || samples === undefined || heldOut === undefined) return undefined;
  const [plain, weighed] = [samples.raw.median / heldOut.raw.median, samples.distance.median / heldOut.distance.median];
  if (!Number.isFinite(plain) || !Number.isFinite(weighed)) return undefined;
  return {
    label: "Distance beyond the order of units",
    value: `${decimal(weighed)} ×`,
    meaning: `Median distance of the samples to the nearest original as a share of that of held-out networks, over all orders of hidden units and with each unit’s incoming and outgoing weights in balance: ${decimal(weighed)} where every coordinate counts by what it does to the outputs, ${decimal(plain)} where all count the same. Networks that differ only in the order or the scale of their units are at 0 here.`,
  };
}

function averagingFinding({ averaging }: Audit): Finding | undefined {
  const { within, between, signature } = averaging;
  if (!Number.isFinite(within) || !Number.isFinite(between)) return undefined;
  return {
    label: "Averaging signature",
    value: signature ? "present" : "absent",
    meaning: `Samples’ similarity among themselves is ${apart(within)} that among originals, and their similarity to originals ${apart(between)} it. Averages are above in both: more alike than what they average, and closer to it than its members are to one another.`,
  };
}

function kappaFinding(audit: Audit): Finding | undefined {
  const [samples, heldOut] = [groupOf(audit, "samples"), groupOf(audit, "heldOut")];
  if (samples === undefined || !Number.isFinite(samples.kappa)) return undefined;
  const reference =
    heldOut !== undefined && Number.isFinite(heldOut.kappa) ? ` Held-out networks: ${decimal(heldOut.kappa, 3)}.` : "";
  return {
    label: "Agreement beyond chance",
    value: `κ ${decimal(samples.kappa, 3)}`,
    meaning: `Of right and wrong predictions with the most similar original, averaged over samples. Unlike the shared mistakes it does not fall or rise with accuracy alone.${reference}`,
  };
}

function novelFinding(audit: Audit): Finding | undefined {
  const [samples, heldOut] = [groupOf(audit, "samples"), groupOf(audit, "heldOut")];
  const shares = Object.entries(samples?.novel ?? {}).filter(([, share]) => Number.isFinite(share));
  if (samples === undefined || shares.length === 0 || !Number.isFinite(samples.distance.median)) return undefined;
  const [first, ...others] = shares.toSorted(([a], [b]) => Number(a) - Number(b));
  const rest = others.map(([tau, share]) => `${percent(share)} at τ = ${tau}`).join(", ");
  const reference = heldOut?.novel[first![0]];
  return {
    label: "Novel and performant",
    value: percent(first![1]),
    meaning: `Samples that reach the acceptance threshold on the test images and lie farther than τ = ${first![0]} times the originals’ own distance${rest === "" ? "" : `; ${rest}`}.${reference !== undefined && Number.isFinite(reference) ? ` Of held-out networks ${percent(reference)} do at τ = ${first![0]}.` : ""}`,
  };
}

/** A difference of fractions: `+0.32` points, or, times another factor, as it is. */
function signed(value: number, factor = 100): string {
  if (!Number.isFinite(value)) return decimal(value);
  const digits = [2, 3, 4].find((n) => value === 0 || Number((factor * value).toFixed(n)) !== 0) ?? 4;
  return `${value > 0 ? "+" : ""}${decimal(factor * value, digits)}`;
}

/** `0.08 above`, `0.01 below`. */
function apart(difference: number): string {
  return `${signed(Math.abs(difference), 1).replace("+", "")} ${difference < 0 ? "below" : "above"}`;
}

function probability(p: number): string {
  return p < 0.001 ? "below 0.001" : decimal(p, 3);
}
