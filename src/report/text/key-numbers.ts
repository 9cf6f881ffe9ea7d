/** The numbers that a verdict rests on, for the top of the page. */
import type { Audit } from "../../records/index.ts";
import { freshNouns, groupOf } from "../audit-groups.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import type { Images, ReportInput } from "../input.ts";
import { counted } from "./nouns.ts";
import { decimal, probability, shareText, whole } from "./number-format.ts";
import { capitalised, differenceUnit, scoreText, signedDifference } from "./score-format.ts";

export type KeyNumberName = "score" | "distance" | "copies" | "pull" | "excess" | "threshold" | "collapse";

export interface KeyNumber {
  readonly label: string;
  readonly value: string;
  /** What to compare it with. */
  readonly note: string;
  /** The figure or table that it comes from, by name. */
  readonly source?: string;
}

/** As many as fit beside each other. */
const SHOWN = 4;

/** In the order of importance, where a verdict does not put one of them first. */
const ORDER: readonly KeyNumberName[] = ["score", "distance", "pull", "copies", "excess", "threshold", "collapse"];

/**
 * The four most important numbers that are known, that of the verdict first. Whether samples are
 * copies is said once, unless the verdict rests on the other way of saying it.
 * @param first the number that the verdict rests on.
 */
export function keyNumbers({ audit, images }: ReportInput, first: KeyNumberName): KeyNumber[] {
  const order = [first, ...ORDER.filter((name) => name !== first)];
  const known = order.flatMap((name) => {
    const number = numbers[name](audit, images);
    return number === undefined ? [] : [{ name, number }];
  });
  const copying = known.find(({ name }) => name === "pull" || name === "copies")?.name;
  return known
    .filter(({ name }) => (name !== "pull" && name !== "copies") || name === copying)
    .slice(0, SHOWN)
    .map(({ number }) => number);
}

type Maker = (audit: Audit, images: Images | null) => KeyNumber | undefined;

const numbers: Readonly<Record<KeyNumberName, Maker>> = {
  score(audit, images) {
    const { metric } = audit;
    const samples = groupOf(audit, "samples")?.score;
    if (metric === null || samples == null || !Number.isFinite(samples.mean.value)) return undefined;
    const others = (["heldOut", "originals"] as const).flatMap((family) => {
      const value = groupOf(audit, family)?.score?.mean.value ?? Number.NaN;
      return Number.isFinite(value) ? [`${familyStyles[family].title} ${scoreText(metric, value, images)}`] : [];
    });
    return {
      label: `${capitalised(metric.name)} of the samples`,
      value: scoreText(metric, samples.mean.value, images),
      note: others.join(", "),
      source: "score-distance",
    };
  },

  distance(audit) {
    const median = groupOf(audit, "samples")?.distance.median ?? Number.NaN;
    if (!Number.isFinite(median)) return undefined;
    return {
      label: "Distance to the nearest original",
      value: `${decimal(median)}\u00a0×`,
      note: `that of ${freshNouns(audit).one}`,
      source: "nearest-distance",
    };
  },

  copies({ copying: { copies } }) {
    const { samples, count, fresh } = copies;
    if (samples === 0) return undefined;
    return {
      label: "Samples that repeat an original",
      value: `${whole(count)} of ${whole(samples)}`,
      note:
        fresh.networks === 0
          ? ""
          : `of ${counted(fresh.networks, "network")} that cannot be copies, ${whole(fresh.count)}`,
      source: "nearest-distance",
    };
  },

  pull({ copying: { pull } }) {
    if (pull === null || !Number.isFinite(pull.share)) return undefined;
    return {
      label: "Nearer to a network learned from than to an unseen one",
      value: shareText(pull.share),
      note: `50\u00a0% without copying; by chance with probability ${probability(pull.p)}`,
      source: "seen-against-unseen",
    };
  },

  excess({ metric, excess: [best] }) {
    if (metric === null || best === undefined || !Number.isFinite(best.excess.value)) return undefined;
    const { value, low, high } = best.excess;
    const text = (difference: number) => signedDifference(metric, difference);
    return {
      label: `${capitalised(metric.name)} above the best baseline`,
      value: `${text(value)}${metric.unit === "fraction" ? `\u00a0${differenceUnit(metric)}` : ""}`,
      note: `[${text(low)}, ${text(high)}], ${familyStyles[best.family].title} at the same distance`,
      source: "excess",
    };
  },

  threshold({ acceptanceThreshold, performance }) {
    const cleared = acceptanceThreshold?.cleared.value ?? Number.NaN;
    if (!Number.isFinite(cleared)) return undefined;
    const heldOut = performance?.heldOut ?? Number.NaN;
    return {
      label: "Samples that reach the acceptance threshold",
      value: shareText(cleared),
      note: Number.isFinite(heldOut) ? `held-out networks ${shareText(heldOut)}` : "",
      source: "findings",
    };
  },

  collapse(audit) {
    if (!Number.isFinite(audit.collapse)) return undefined;
    return {
      label: "Distance to the next sample",
      value: `${decimal(audit.collapse)}\u00a0×`,
      note: `that of ${freshNouns(audit).many}`,
      source: "diversity",
    };
  },
};
