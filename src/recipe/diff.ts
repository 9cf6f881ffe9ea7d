/** Describes how two recipes differ. */
import { isDeepStrictEqual } from "node:util";

import { stringify } from "yaml";

/** Differences listed at most. */
const MAX_SHOWN = 3;

/**
 * The differences of two recipes or parts of them, as `zoo.count: 200 there, 100 here`; empty if
 * they are equal.
 */
export function differencesOf(there: unknown, here: unknown): string {
  const all = differences(there, here, []);
  const rest = all.length - MAX_SHOWN;
  return all.slice(0, MAX_SHOWN).join(", ") + (rest > 0 ? `, and ${rest} more` : "");
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

const show = (value: unknown): string =>
  value === undefined ? "nothing" : stringify(value, { collectionStyle: "flow" }).trim();

function differences(there: unknown, here: unknown, path: readonly string[]): string[] {
  if (isTree(there) && isTree(here))
    return [...new Set([...Object.keys(there), ...Object.keys(here)])].flatMap((key) =>
      differences(there[key], here[key], [...path, key]),
    );
  return isDeepStrictEqual(there, here) ? [] : [`${path.join(".")}: ${show(there)} there, ${show(here)} here`];
}
