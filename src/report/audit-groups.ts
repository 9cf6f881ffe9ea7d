/** Finds groups of networks in an audit. */
import { type Audit, type BaselineFamily, baselineFamilies, type Family } from "../records/index.ts";

/** The group of a name, or undefined. */
export function groupNamed<Group extends { readonly name: string }>(
  { groups }: { readonly groups: readonly Group[] },
  name: string,
): Group | undefined {
  return groups.find((group) => group.name === name);
}

/** The first group of a family, or undefined. */
export function groupOf<Group extends { readonly family: Family }>(
  { groups }: { readonly groups: readonly Group[] },
  family: Family,
): Group | undefined {
  return groups.find((group) => group.family === family);
}

/** The family of a group's name; groups that the audit does not list count as references. */
export function familyOf(audit: Audit, name: string): Family {
  return groupNamed(audit, name)?.family ?? "references";
}

/** Whether a family is one of baselines. */
export function isBaseline(family: Family): family is BaselineFamily {
  return (baselineFamilies as readonly Family[]).includes(family);
}

/** Whether the audit compared the predictions of networks, and not only their scores. */
export function hasPredictions({ groups }: Audit): boolean {
  return groups.some(({ similarity }) => similarity !== null);
}

/** The setting of a group: `16` of `average:16`; a name without a setting is its own. */
export function setting(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/**
 * How figures label a group: `16` for `average:16`, but `matched 16` for `matched-average:16`, as
 * both are of one family.
 */
export function shortLabel(name: string): string {
  return name.replace(/^(\w+)-(average|gaussian):/, "$1 ").replace(/^[\w-]+:/, "");
}

/** Whether a group has noise of one size on every parameter, not relative to a tensor's spread. */
export function isAbsolute(name: string): boolean {
  return name.startsWith("noise-absolute");
}

/** What stands for a fresh network in texts, as in "than OTHERS do". */
export interface FreshNouns {
  readonly noun: string;
  readonly one: string;
  readonly many: string;
  readonly others: string;
}

/** Held-out networks or, where nothing was held out, originals, each beside the others. */
export function freshNouns(audit: Audit): FreshNouns {
  if (groupOf(audit, "heldOut") === undefined)
    return { noun: "original", one: "another original", many: "originals", others: "other originals" };
  const many = "held-out networks";
  return { noun: "held-out network", one: "a held-out network", many, others: many };
}
