/** How networks of one origin are called and drawn, the same in every figure and table. Their colours are the theme's. */
import type { Audit, AuditGroup, Family } from "../audit.ts";

export interface FamilyLook {
  /** In the plural, for legends. */
  readonly title: string;
  readonly symbol: "circle" | "diamond2" | "times" | "triangle2" | "square" | "star" | "plus" | "triangle" | "wye";
}

export const families: Readonly<Record<Family, FamilyLook>> = {
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
};

/** Families of baselines, in the order of tables and legends. */
export const BASELINES = ["noise", "average", "gaussian", "latent"] as const;

/** The group of a name. */
export function groupNamed({ groups }: Audit, name: string): AuditGroup | undefined {
  return groups.find((group) => group.name === name);
}

/** The first group of a family. */
export function groupOf<Group extends { readonly family: Family }>(
  { groups }: { readonly groups: readonly Group[] },
  family: Family,
): Group | undefined {
  return groups.find((group) => group.family === family);
}

/** The family of a group's name; networks that the table does not know count as references. */
export function familyOf(audit: Audit, name: string): Family {
  return groupNamed(audit, name)?.family ?? "references";
}

/** `16` of `average:16`; a name without a setting is its own. */
export function setting(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** Noise of the same size on every parameter, where other noise is relative to each tensor's spread. */
export function isAbsolute(name: string): boolean {
  return name.startsWith("noise-absolute");
}

/**
 * Groups of a family by rising strength, each with a shade in (0, 1] that rises with it. What is of another kind
 * (`noise` and `noise-absolute`) has shades of its own.
 */
export function shaded(groups: readonly AuditGroup[]): (readonly [group: AuditGroup, shade: number])[] {
  return [false, true].flatMap((absolute) => {
    const members = groups.filter(({ name }) => isAbsolute(name) === absolute);
    const sorted = members.sort((a, b) => strength(a) - strength(b));
    return sorted.map(
      (group, i) => [group, sorted.length === 1 ? 0.7 : 0.3 + (0.6 * i) / (sorted.length - 1)] as const,
    );
  });
}

function strength({ name, distance }: AuditGroup): number {
  const number = Number(setting(name));
  if (Number.isFinite(number)) return number;
  return Number.isFinite(distance.median) ? distance.median : 0;
}
