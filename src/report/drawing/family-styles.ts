/**
 * How each family of networks is called and drawn, the same in every figure and table. The themes
 * have the colours.
 */
import type { AuditGroup, Family } from "../../records/index.ts";
import { isAbsolute, setting } from "../audit-groups.ts";

export interface FamilyStyle {
  /** In the plural, for legends. */
  readonly title: string;
  readonly symbol: "circle" | "diamond2" | "times" | "triangle2" | "square" | "star" | "plus" | "triangle" | "wye";
}

/** The style of every family. */
export const familyStyles: Readonly<Record<Family, FamilyStyle>> = {
  originals: { title: "originals", symbol: "circle" },
  heldOut: { title: "held-out networks", symbol: "diamond2" },
  references: { title: "references", symbol: "times" },
  samples: { title: "samples", symbol: "circle" },
  reconstructions: { title: "reconstructions", symbol: "triangle2" },
  fineTuned: { title: "fine-tuned originals", symbol: "triangle2" },
  noise: { title: "originals with noise", symbol: "square" },
  average: { title: "averages", symbol: "triangle" },
  gaussian: { title: "Gaussians", symbol: "star" },
  latent: { title: "draws of latents", symbol: "wye" },
  trained: { title: "trained baselines", symbol: "plus" },
};

/**
 * Groups of a family by rising strength, each with a shade in (0, 1] that rises with it. Absolute
 * and relative noise are shaded separately.
 */
export function shaded(groups: readonly AuditGroup[]): (readonly [group: AuditGroup, shade: number])[] {
  return [false, true].flatMap((absolute) => {
    const members = groups.filter(({ name }) => isAbsolute(name) === absolute);
    const sorted = members.toSorted((a, b) => strength(a) - strength(b));
    return sorted.map(
      (group, i) => [group, sorted.length === 1 ? 0.7 : 0.3 + (0.6 * i) / (sorted.length - 1)] as const,
    );
  });
}

/** The setting where it is a number, else the median distance. */
function strength({ name, distance }: AuditGroup): number {
  const number = Number(setting(name));
  if (Number.isFinite(number)) return number;
  return Number.isFinite(distance.median) ? distance.median : 0;
}
