/**
 * British and American spellings of recipe keys. Either is understood in recipes and on the command
 * line; what is written has the British one, as the schema does.
 */
import { UserError } from "../errors.ts";

/** Parts of keys in American spelling, and as the schema has them. */
const SPELLINGS: readonly (readonly [american: string, british: string])[] = [
  ["optimizer", "optimiser"],
  ["normaliz", "normalis"],
  ["standardiz", "standardis"],
  ["color", "colour"],
  ["gray", "grey"],
  ["center", "centre"],
];

/** A key as the schema spells it; other keys stay as they are. */
export const canonicalKey = (key: string): string =>
  SPELLINGS.reduce((text, [american, british]) => text.replaceAll(american, british), key);

/** The American spelling of a key; undefined where there is no other. */
export function americanKey(key: string): string | undefined {
  const american = SPELLINGS.reduce((text, [us, british]) => text.replaceAll(british, us), key);
  return american === key ? undefined : american;
}

/**
 * A value of YAML with all keys as the schema spells them.
 * @throws UserError `E_CONFIG` where a key is given in both spellings.
 */
export function withCanonicalKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCanonicalKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [canonicalKey(key), withCanonicalKeys(inner)] as const);
  const given = new Set<string>();
  for (const [key] of entries) {
    if (given.has(key))
      throw new UserError(
        "E_CONFIG",
        `${key} is given in two spellings, ${key} and ${americanKey(key)}; keep one of them`,
      );
    given.add(key);
  }
  return Object.fromEntries(entries);
}

/** Options with the keys of a program's own part as that part spells them. */
export function withOwnSpelling(options: Readonly<Record<string, unknown>>, declared: readonly string[]) {
  const own = new Map(declared.map((key) => [canonicalKey(key), key]));
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [own.get(key) ?? key, value]));
}
