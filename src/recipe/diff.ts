/** Describes how two recipes differ. */
import { isDeepStrictEqual } from "node:util";

import { stringify } from "yaml";

/** Differences listed at most. */
const MAX_SHOWN = 3;

/** Characters of a value that are shown, at most. */
const MAX_VALUE = 60;

/** A value that two recipes differ in. */
export interface Change {
  /** Its key, as in `zoo.count`. */
  readonly key: string;
  /** Undefined where the recipe has none. */
  readonly from: unknown;
  readonly to: unknown;
}

/**
 * What changes from one recipe, or a part of one, to another. Lists count as one value, and a list
 * of one value as that value: a file alone and a list of it mean the same.
 */
export const changesOf = (from: unknown, to: unknown): Change[] => changes(from, to, []);

/** A change as `zoo.count: 200 → 100`. */
export const changeText = ({ key, from, to }: Change): string => `${key}: ${show(from)} → ${show(to)}`;

/**
 * The differences of two recipes or parts of them, as `zoo.count: 200 there, 100 here`; empty if
 * they are equal.
 */
export function differencesOf(there: unknown, here: unknown): string {
  const all = changesOf(there, here).map(({ key, from, to }) => `${key}: ${show(from)} there, ${show(to)} here`);
  const rest = all.length - MAX_SHOWN;
  return all.slice(0, MAX_SHOWN).join(", ") + (rest > 0 ? `, and ${rest} more` : "");
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}…`;
}

function changes(from: unknown, to: unknown, path: readonly string[]): Change[] {
  if (isTree(from) && isTree(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) =>
      changes(from[key], to[key], [...path, key]),
    );
  return isDeepStrictEqual([from].flat(), [to].flat()) ? [] : [{ key: path.join("."), from, to }];
}

/** A recipe in which the values of some changes are as before. */
export function withoutChanges<T extends object>(recipe: T, undone: readonly Change[]): T {
  return undone.reduce<T>((tree, { key, from }) => replaced(tree, key.split("."), from) as T, recipe);
}

function replaced(tree: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const { [first]: before, ...others } = isTree(tree) ? tree : {};
  const after = replaced(before, rest, value);
  return after === undefined ? others : { ...(tree as Tree), [first]: after };
}
