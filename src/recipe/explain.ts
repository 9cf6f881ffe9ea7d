/** Describes the mistakes in a recipe: where each is, what was found and what was expected. */

import type { z } from "zod";
import { nearest, suggestion } from "../errors.ts";
import { at } from "../lookup.ts";
import { type JsonSchema, jsonSchemaOf, pathsEndingIn } from "./keys.ts";

/** Mistakes described at most, unknown keys of one place at most, and characters of a key. */
const MAX_SHOWN = 5;
const MAX_KEY = 60;

/**
 * Describes the mistakes of a recipe in one line, at most five. Unknown keys come first, because a
 * key that is missing was often mistyped.
 */
export function explain(issues: readonly z.core.$ZodIssue[], input: unknown, schema: z.ZodType): string {
  const unknown = issues.filter((issue) => issue.code === "unrecognized_keys");
  const ordered = [...new Set([...unknown, ...issues])];
  const problems = ordered.map((issue) => explainOne(issue, input, schema).replace(/\.$/, ""));
  const rest = problems.length - MAX_SHOWN;
  return [...problems.slice(0, MAX_SHOWN), ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

const KINDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "keys and values",
};

const kind = (expected: string): string => KINDS[expected] ?? expected;

/** A value for a message, cut to 60 characters. */
function show(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

const showKey = (key: string): string => (/^[\w.-]{1,60}$/.test(key) ? key : show(key));

const showPath = (path: readonly PropertyKey[]): string => path.map(String).map(showKey).join(".");

function explainOne(issue: z.core.$ZodIssue, input: unknown, schema: z.ZodType): string {
  const where = showPath(issue.path);
  const got = issue.path.reduce(member, input);
  switch (issue.code) {
    case "unrecognized_keys": {
      const nodes = nodesAt(issue.path, input, schema);
      const known = [...new Set(nodes.flatMap((n) => Object.keys(n.properties ?? {})))];
      const [variant] = nodes.length === 1 ? constants(at(nodes, 0)) : [];
      const of = variant === undefined ? "" : ` for ${variant.join(" ")}`;
      const rest = issue.keys.length - MAX_SHOWN;
      return [
        ...issue.keys
          .slice(0, MAX_SHOWN)
          .map((key) => `unknown key ${showPath([...issue.path, key])}${of}.${hint(key, issue.path, known)}`),
        ...(rest > 0 ? [`And ${rest} more unknown keys.`] : []),
      ].join(" ");
    }
    case "invalid_value":
      return oneOf(where, got, issue.values.map(String));
    case "invalid_union": {
      const known = nodesAt(issue.path, input, schema).flatMap((n) => (n.const === undefined ? [] : [String(n.const)]));
      return known.length > 0 ? oneOf(where, got, known) : `${where}: ${issue.message}, got ${show(got)}`;
    }
    case "invalid_type":
      return got === undefined
        ? `${where} is missing (expected ${kind(issue.expected)})`
        : `${where}: expected ${kind(issue.expected)}, got ${show(got)}${keyToSet(issue, input, schema)}`;
    case "too_small":
    case "too_big": {
      const [limit, bound, beyond] =
        issue.code === "too_small" ? [issue.minimum, "at least", "more than"] : [issue.maximum, "at most", "less than"];
      if (Array.isArray(got))
        return `${where}: expected ${issue.exact ? "exactly" : bound} ${limit} ${limit === 1 ? "entry" : "entries"}, got ${got.length}`;
      return `${where}: expected ${issue.inclusive === false ? beyond : bound} ${limit}, got ${show(got)}`;
    }
    default:
      return `${where}: ${issue.message.replace(/\.$/, "")} (got ${show(got)})`;
  }
}

/** For text where a section belongs, the key of it that has such a name: `device.name=cuda`. */
function keyToSet(issue: z.core.$ZodIssueInvalidType, input: unknown, schema: z.ZodType): string {
  const got = issue.path.reduce(member, input);
  if (issue.expected !== "object" || typeof got !== "string" || issue.path.length === 0) return "";
  const keys = nodesAt(issue.path, input, schema).flatMap((node) => Object.keys(node.properties ?? {}));
  const key = ["type", "name"].find((name) => keys.includes(name));
  return key === undefined ? "" : `; use ${showPath([...issue.path, key])}=${show(got).replaceAll('"', "")}`;
}

/** Full keys suggested at most. */
const MAX_SUGGESTED = 4;

/**
 * What an unknown key may have been: a known one of its section that is spelled alike, or else keys
 * of the same name elsewhere. Starts with a space.
 */
function hint(key: string, path: readonly PropertyKey[], known: readonly string[]): string {
  const name = key.slice(0, MAX_KEY);
  const elsewhere = nearest(name, known) === undefined && path.length <= 1 ? pathsEndingIn(name) : [];
  if (elsewhere.length === 0) return suggestion(name, known);
  const shown = elsewhere.slice(0, MAX_SUGGESTED);
  const rest = elsewhere.length > shown.length ? ", …" : "";
  return ` Did you mean ${shown.join(" or ")}${rest}? Known: ${known.join(", ")}.`;
}

const oneOf = (where: string, got: unknown, known: readonly string[]): string =>
  got === undefined
    ? `${where} is missing; expected one of ${known.join(", ")}`
    : `${where}: unknown value ${show(got)}.${suggestion(String(got), known)}`;

/** A member of a value; text may stand for `{ type: text }`. */
const member = (value: unknown, part: PropertyKey): unknown =>
  typeof value === "string" && part === "type" ? value : (value as Record<PropertyKey, unknown> | undefined)?.[part];

/** The constants that distinguish a variant, such as `["type", "ddpm"]`. */
const constants = (node: JsonSchema): [string, string][] =>
  Object.entries(node.properties ?? {}).flatMap(([key, n]) => (n.const === undefined ? [] : [[key, String(n.const)]]));

/** The schemas possible at a path: of several variants only the one that the input names. */
function nodesAt(path: readonly PropertyKey[], input: unknown, schema: z.ZodType): JsonSchema[] {
  const variants = (node: JsonSchema): JsonSchema[] =>
    [node.anyOf, node.oneOf].some(Boolean) ? [...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap(variants) : [node];
  let value = input;
  let nodes = [jsonSchemaOf(schema)];
  for (const part of path) {
    value = member(value, part);
    const below = nodes.flatMap((n) => n.properties?.[String(part)] ?? []).flatMap(variants);
    const named = below.filter((n) => constants(n).some(([key, name]) => member(value, key) === name));
    nodes = named.length > 0 ? named : below;
  }
  return nodes;
}
