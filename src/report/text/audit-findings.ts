/** The audit's numbers beside its figures, each with what it means. */
import type { Audit, Interval } from "../../records/index.ts";
import { freshNouns, groupOf } from "../audit-groups.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import type { Images } from "../input.ts";
import type { Finding } from "./finding.ts";
import { counted } from "./nouns.ts";
import { decimal, probability, shareText, whole } from "./number-format.ts";
import { capitalised, differenceUnit, scoreText, signed, signedDifference } from "./score-format.ts";
import { sentences } from "./sentences.ts";

/** Findings in the order of the verdict's rules, without those that are not known. */
export function auditFindings(audit: Audit, images: Images | null = null): Finding[] {
  return [
    thresholdFinding(audit, images),
    excessFinding(audit),
    pullFinding(audit),
    collapseFinding(audit),
    copyingFinding(audit),
    duplicateFinding(audit),
    unitsFinding(audit),
    averagingFinding(audit),
    kappaFinding(audit),
    novelFinding(audit),
  ].filter((finding) => finding !== undefined);
}

function thresholdFinding(audit: Audit, images: Images | null): Finding | undefined {
  const { metric, acceptanceThreshold } = audit;
  if (metric === null || acceptanceThreshold === null) return undefined;
  const { value, heldOut, cleared } = acceptanceThreshold;
  if (!Number.isFinite(cleared.value)) return undefined;
  const split = metric.unit === "fraction" ? " on the selection images" : "";
  const source =
    heldOut > 0
      ? `which 95\u00a0% of ${counted(heldOut, "held-out network")} reach`
      : "taken from the originals, as no networks were held out";
  return {
    label: "Acceptance threshold",
    value: shareText(cleared.value),
    meaning: sentences(
      `Share of samples whose ${metric.name}${split} reaches ${scoreText(metric, value, images && { ...images, test: images.selection })}, ${source}.`,
      "The threshold was set before anything was sampled.",
      `95\u00a0% interval: ${shareText(cleared.low)} to ${shareText(cleared.high)}.`,
    ),
  };
}

function excessFinding({ metric, excess }: Audit): Finding | undefined {
  const [best] = excess;
  if (metric === null || best === undefined || !Number.isFinite(best.excess.value)) return undefined;
  const { family, exact, tolerance, beyond } = best;
  const text = (value: number) => signedDifference(metric, value);
  const range = ({ low, high }: Interval) => `${text(low)} to ${text(high)}`;
  return {
    figure: "excess",
    label: `${capitalised(metric.unit === "fraction" ? "points" : metric.name)} above the best baseline`,
    value: text(best.excess.value),
    meaning: sentences(
      `How much better the samples score than ${familyStyles[family].title} at the same distance from the originals, the best of ${counted(excess.length, "baseline family")}; in ${differenceUnit(metric)}, 95\u00a0% interval ${range(best.excess)}.`,
      conclusion(best.excess),
      Number.isFinite(exact.value) &&
        `Baselines may lie ${percentOf(tolerance)} nearer here, because their distances vary by as much; at exactly the samples’ distance the difference is ${text(exact.value)} (${range(exact)}).`,
      beyond > 0 && !best.reaches && "Most samples lie farther out than this baseline reaches.",
    ),
  };
}

/** `5 %`, without decimals. */
const percentOf = (share: number): string => `${whole(100 * share)}\u00a0%`;

function conclusion({ low, high }: Interval): string {
  if (low > 0) return "No simpler method is as good at this distance.";
  return high < 0 ? "The baseline is better." : "The samples are not reliably better.";
}

function copyingFinding(audit: Audit): Finding | undefined {
  const { copying } = audit;
  const { many, others } = freshNouns(audit);
  const { zu, p, nearer, distance } = copying;
  if (!Number.isFinite(zu)) return undefined;
  return {
    label: "Copying statistic",
    figure: "nearest-distance",
    value: `Z_U ${decimal(zu)}`,
    meaning: sentences(
      `Whether samples lie nearer to originals than ${others} do (Meehan et al.); far below 0 they do.`,
      Number.isFinite(copying.null.low) &&
        `When samples and ${many} change places at random, it lies between ${decimal(copying.null.low)} and ${decimal(copying.null.high)} in 90\u00a0% of cases.`,
      nearer &&
        `So low a value occurs by chance with probability ${probability(p)}: the samples lie nearer${Number.isFinite(distance) ? `, at ${decimal(distance)} of the ${many}’ median distance` : ""}.`,
      !nearer && (zu > 0 ? "The samples do not lie nearer." : "That is within what chance gives."),
    ),
  };
}

function duplicateFinding(audit: Audit): Finding | undefined {
  const { copies, radius } = audit.copying;
  const { near, alike, count, samples, similarity, fresh } = copies;
  if (samples === 0) return undefined;
  return {
    label: "Samples that repeat an original",
    figure: "nearest-distance",
    value: `${whole(count)} of ${whole(samples)}`,
    meaning: sentences(
      `${counted(near, "sample")} within ${decimal(radius)} of one original, where ${freshNouns(audit).one} lies at 1, and at least twice as far from all others.`,
      Number.isFinite(similarity) &&
        `${counted(alike, "sample")} with the mistakes of one original (IoU from ${decimal(similarity)}), wherever the parameters lie.`,
      fresh.networks > 0 &&
        `Of ${counted(fresh.networks, "network")} that cannot be copies, ${whole(fresh.count)} count.`,
    ),
  };
}

function pullFinding(audit: Audit): Finding | undefined {
  const { pull } = audit.copying;
  if (pull === null) return undefined;
  const baselines = pull.baselines
    .filter(({ share }) => Number.isFinite(share))
    .map(({ family, share }) => `${familyStyles[family].title} ${shareText(share)}`);
  return {
    label: "Seen against unseen",
    value: shareText(pull.share),
    meaning: sentences(
      "Share of samples nearer to a network that was learned from than to one of the same process that nothing saw, as if there were as many of both: 50\u00a0% without copying.",
      `Such a share, or a greater one, occurs by chance with probability ${probability(pull.p)}.`,
      baselines.length > 0 && `Of baselines: ${baselines.join(", ")}.`,
    ),
  };
}

function collapseFinding({ collapse }: Audit): Finding | undefined {
  if (!Number.isFinite(collapse)) return undefined;
  return {
    label: "Distance to the next sample",
    value: `${decimal(collapse)} ×`,
    meaning:
      "How far the median sample lies from the nearest other one, where held-out networks lie at 1. Below one half, samples are one network, or a few, again and again.",
  };
}

/** Distances that do not depend on the order of hidden units, where they are known. */
function unitsFinding(audit: Audit): Finding | undefined {
  const [samples, heldOut] = [groupOf(audit, "samples"), groupOf(audit, "heldOut")];
  if (!audit.byUnits || samples === undefined || heldOut === undefined) return undefined;
  const plain = samples.raw.median / heldOut.raw.median;
  const weighted = samples.distance.median / heldOut.distance.median;
  if (!Number.isFinite(plain) || !Number.isFinite(weighted)) return undefined;
  return {
    label: "Distance beyond the order of units",
    value: `${decimal(weighted)} ×`,
    meaning: sentences(
      "Median distance of the samples to the nearest original as a share of that of held-out networks, over all orders of hidden units and with each unit’s incoming and outgoing weights in balance:",
      `${decimal(weighted)} when every coordinate is weighted by its effect on the outputs, ${decimal(plain)} when all count the same.`,
      "Networks that differ only in the order or the scale of their units are at distance 0 here.",
    ),
  };
}

function averagingFinding({ averaging }: Audit): Finding | undefined {
  const { within, between, signature } = averaging;
  if (within === null || between === null || !Number.isFinite(within + between)) return undefined;
  return {
    label: "Averaging signature",
    figure: "similarity-bars",
    value: signature ? "present" : "absent",
    meaning: sentences(
      `Samples’ similarity among themselves is ${apart(within)} that among originals, and their similarity to originals is ${apart(between)} it.`,
      "Averages are above in both: more alike than what they average, and more like its members than these are like one another.",
    ),
  };
}

/** `0.08 above`, `0.01 below`. */
const apart = (difference: number): string =>
  `${signed(Math.abs(difference)).replace("+", "")} ${difference < 0 ? "below" : "above"}`;

function kappaFinding(audit: Audit): Finding | undefined {
  const [samples, heldOut] = [groupOf(audit, "samples"), groupOf(audit, "heldOut")];
  if (samples === undefined || !Number.isFinite(samples.kappa)) return undefined;
  return {
    label: "Agreement beyond chance",
    value: `κ ${decimal(samples.kappa)}`,
    meaning: sentences(
      "Of right and wrong predictions with the most similar original, averaged over samples. Unlike shared mistakes, it does not depend on accuracy.",
      heldOut !== undefined && Number.isFinite(heldOut.kappa) && `Held-out networks: ${decimal(heldOut.kappa)}.`,
    ),
  };
}

function novelFinding(audit: Audit): Finding | undefined {
  const [samples, heldOut] = [groupOf(audit, "samples"), groupOf(audit, "heldOut")];
  if (samples === undefined || !Number.isFinite(samples.distance.median)) return undefined;
  const shares = Object.entries(samples.novel)
    .filter(([, share]) => Number.isFinite(share))
    .toSorted(([a], [b]) => Number(a) - Number(b));
  const [first, ...others] = shares;
  if (first === undefined) return undefined;
  const [tau, share] = first;
  const rest = others.map(([tau, share]) => `; ${shareText(share)} at τ = ${tau}`).join("");
  const reference = heldOut?.novel[tau];
  return {
    label: "Novel and good",
    figure: "score-distance",
    value: shareText(share),
    meaning: sentences(
      `Samples that reach the acceptance threshold${audit.metric?.unit === "fraction" ? " on the test images" : ""} and lie farther than τ = ${tau} times the originals’ own distance${rest}.`,
      reference !== undefined &&
        Number.isFinite(reference) &&
        `Of held-out networks ${shareText(reference)} do at τ = ${tau}.`,
    ),
  };
}
