/**
 * Applies the table of renamed names: forward to what a version wrote, so that both versions are
 * compared under the new names, and backward to what an older version reads.
 */
import type { Renames } from "./renames.ts";

type Tree = Record<string, unknown>;

/** Turns a pattern into a test: `*` stands for any characters but a slash, all else for itself. */
export function patternOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.split("*").map(escapeRegExp).join("[^/]*")}$`);
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * The new path of a file in a run folder: whole folder and file names are replaced, wherever they
 * stand.
 */
export function renameFile({ files }: Renames, path: string): string {
  for (const [old, renamed] of files) path = replaceParts(path, old, renamed);
  return path;
}

/**
 * Replaces a run of path parts that matches; a `*` in the new name is what the `*` in the old one
 * matched.
 */
function replaceParts(path: string, old: string, renamed: string): string {
  const found = new RegExp(`(^|/)${old.split("*").map(escapeRegExp).join("([^/]*)")}(?=/|$)`).exec(path);
  if (found === null) return path;
  const [whole, before = "", ...stars] = found;
  const replaced = renamed.replaceAll("*", () => stars.shift() ?? "");
  return path.slice(0, found.index) + before + replaced + path.slice(found.index + whole.length);
}

/** The new key of a JSON object, CSV file or metadata. */
export const renameKey = ({ keys }: Renames, key: string): string => own(keys, key) ?? key;

/** The new form of a string that names something. */
export const renameValue = ({ values }: Renames, value: string): string => own(values, value) ?? value;

/** The new name of a tensor. */
export const renameTensor = ({ tensors }: Renames, name: string): string => own(tensors, name) ?? name;

/** What a record itself holds, not its prototype: keys come from files. */
const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** The new path of a value in a document. Both paths of a move may end above the value. */
export function moveValue({ moves }: Renames, file: string, path: string): string {
  for (const { file: where, from, to } of moves) {
    if (!patternOf(where).test(file)) continue;
    const found = new RegExp(`^${from.split("*").map(escapeRegExp).join("([^/]*)")}(?=/|$)`).exec(path);
    if (found === null) continue;
    const stars = found.slice(1);
    path = to.replaceAll("*", () => stars.shift() ?? "") + path.slice(found[0].length);
  }
  return path;
}

/**
 * The reason why only one version writes a file or, with a path, a value in it; undefined if both
 * should.
 */
export const oneSidedReason = ({ oneSided }: Renames, file: string, path?: string): string | undefined =>
  oneSided.find(({ file: where, at }) => patternOf(where).test(file) && isAtOrBelow(path, at))?.reason;

const isAtOrBelow = (path: string | undefined, pattern: string | undefined): boolean => {
  if (path === undefined || pattern === undefined) return path === pattern;
  const depth = pattern.split("/").length;
  return patternOf(pattern).test(path.split("/").slice(0, depth).join("/"));
};

/** The new path of a recipe's key; both paths are dotted. The longest old path that fits counts. */
export function renameRecipeKey({ recipeKeys }: Renames, path: string): string {
  const fits = Object.keys(recipeKeys).filter((old) => path === old || path.startsWith(`${old}.`));
  const longest = fits.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? path : recipeKeys[longest]! + path.slice(longest.length);
}

/** The new value of a recipe's key, which is given by its new dotted path. */
export const renameRecipeValue = ({ recipeValues }: Renames, path: string, value: unknown): unknown =>
  typeof value === "string" ? (own(own(recipeValues, path) ?? {}, value) ?? value) : value;

/** What of a table a version lacks whose own table is given: what was renamed after it. */
export function renamedSince(
  now: Renames,
  then: Renames | undefined,
): Pick<Renames, "recipeKeys" | "recipeValues" | "flags"> {
  const lacking = (record: Readonly<Record<string, string>>, known: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(record).filter(([old, renamed]) => known[old] !== renamed));
  return {
    recipeKeys: lacking(now.recipeKeys, then?.recipeKeys),
    recipeValues: Object.fromEntries(
      Object.entries(now.recipeValues).map(([key, values]) => [key, lacking(values, then?.recipeValues[key])]),
    ),
    flags: lacking(now.flags, then?.flags),
  };
}

/**
 * A recipe for a version from before the renames: values first, as they are listed by new keys;
 * then keys.
 */
export function oldRecipe(recipe: Readonly<Tree>, renames: Pick<Renames, "recipeKeys" | "recipeValues">): Tree {
  const tree = structuredClone(recipe) as Tree;
  for (const [path, values] of Object.entries(renames.recipeValues)) {
    const value = take(tree, path);
    if (value !== undefined) put(tree, path, oldValue(value, values));
  }
  // What lies deeper moves first, so that it goes where it belongs before its section does.
  const keys = Object.entries(renames.recipeKeys).sort(([, a], [, b]) => b.split(".").length - a.split(".").length);
  const moved = keys.flatMap(([old, renamed]) => {
    const value = take(tree, renamed);
    return value === undefined ? [] : [{ old, value }];
  });
  // Sections before what lies in them.
  for (const { old, value } of moved.sort((a, b) => a.old.split(".").length - b.old.split(".").length))
    put(tree, old, value);
  return tree;
}

function oldValue(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((part) => oldValue(part, values));
  return Object.entries(values).find(([, renamed]) => renamed === value)?.[0] ?? value;
}

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** Removes what is at a dotted path, and returns it. */
function take(tree: Tree, path: string): unknown {
  const parts = path.split(".");
  const last = parts.pop()!;
  let parent: unknown = tree;
  for (const part of parts) parent = isTree(parent) ? parent[part] : undefined;
  if (!isTree(parent) || !Object.hasOwn(parent, last)) return undefined;
  const value = parent[last];
  delete parent[last];
  return value;
}

/** Puts a value at a dotted path, into what is there already. */
function put(tree: Tree, path: string, value: unknown): void {
  const parts = path.split(".");
  const last = parts.pop()!;
  let parent = tree;
  for (const part of parts) {
    if (!isTree(parent[part])) parent[part] = {};
    parent = parent[part] as Tree;
  }
  const there = parent[last];
  parent[last] = isTree(there) && isTree(value) ? { ...there, ...value } : value;
}

/**
 * A command line for a version from before the renames: flags and verbs, and the keys of
 * `key=value`.
 */
export function oldArguments(
  words: readonly string[],
  renames: Pick<Renames, "recipeKeys" | "recipeValues" | "flags">,
): string[] {
  const flags = new Map(Object.entries(renames.flags).map(([old, renamed]) => [renamed, old]));
  return words.flatMap((word) => {
    const equals = /^([a-z][\w.]*)=(.*)$/i.exec(word);
    if (equals === null) return [flags.get(word) ?? word];
    const [, key, value] = equals as unknown as [string, string, string];
    const tree = oldRecipe(treeOf(key, value), renames);
    return leavesOf(tree).map(([path, text]) => `${path}=${text}`);
  });
}

function treeOf(path: string, value: unknown): Tree {
  const tree: Tree = {};
  put(tree, path, value);
  return tree;
}

function leavesOf(tree: Tree, prefix = ""): [path: string, value: unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? leavesOf(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value] as [string, unknown]],
  );
}
