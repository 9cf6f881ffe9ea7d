/**
 * Reads a file of a run folder as values under paths, with all names new: JSON, JSON lines, YAML,
 * CSV, and safetensors files, whose tensors are values too. Every other file is text, or bytes.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";

import { parse } from "yaml";

import { moveValue, renameKey, renameRecipeKey, renameRecipeValue, renameTensor, renameValue } from "./canonical.ts";
import { excludedKeys } from "./excluded.ts";
import type { Renames } from "./renames.ts";

/**
 * A number, an identifier or a sentence; for tensors a hash of the bytes. `[]` and `{}` stand for
 * empty ones.
 */
export type Leaf = number | string | boolean | null | bigint;

/** Values by path. */
export type Document = ReadonlyMap<string, Leaf>;

/** Which names to change, and which folder of this side is left out of paths in strings. */
export interface ReadOptions {
  readonly renames: Renames;
  /** Absolute path of the folder that holds everything this side wrote. */
  readonly root: string;
}

/** How a file is compared. */
export type Kind = "values" | "tensors" | "text" | "bytes";

/** The kind of a file, by its name. */
export function kindOf(file: string): Kind {
  if (/\.(json|jsonl|ya?ml|csv)$/.test(file)) return "values";
  if (file.endsWith(".safetensors")) return "tensors";
  return /\.(svg|txt|md|html)$/.test(file) ? "text" : "bytes";
}

/**
 * Reads the values of a file.
 * @param file its new path in the run folder.
 * @throws Error when it is not what its name says, or two names became one.
 */
export function readDocument(file: string, bytes: Buffer, options: ReadOptions): Document {
  const leaves = new Map<string, Leaf>();
  const put = (path: string, leaf: Leaf) => {
    const moved = moveValue(options.renames, file, path);
    if (leaves.has(moved)) throw new Error(`${file}: two values become ${moved} by the table of renamed names`);
    leaves.set(moved, leaf);
  };
  const walker = { put, rename: renameAnywhere(options.renames), options };
  if (file.endsWith(".safetensors")) readTensors(file, bytes, walker);
  else if (/\.ya?ml$/.test(file))
    walk(parse(bytes.toString()), [], { ...walker, rename: renameInRecipe(options.renames) });
  else if (file.endsWith(".jsonl")) readLines(bytes.toString(), walker);
  else if (file.endsWith(".csv")) readCsv(bytes.toString(), walker);
  else walk(JSON.parse(bytes.toString()), [], walker);
  return leaves;
}

interface Names {
  /** The new path. */
  readonly path: (parts: readonly string[]) => string;
  /** The new value of a string at a new path. */
  readonly value: (path: string, text: string) => string;
}

interface Walker {
  readonly put: (path: string, leaf: Leaf) => void;
  readonly rename: Names;
  readonly options: ReadOptions;
}

/** Names that are the same wherever they stand. */
const renameAnywhere = (renames: Renames): Names => ({
  path: (parts) => parts.map((part) => renameKey(renames, part)).join("/"),
  value: (_path, text) => renameValue(renames, text),
});

/** Names of recipes, which depend on where they stand. */
const renameInRecipe = (renames: Renames, section = ""): Names => ({
  path: (parts) =>
    renameRecipeKey(renames, [...(section === "" ? [] : [section]), ...parts].join(".")).replaceAll(".", "/"),
  value: (path, text) => {
    const key = path.replaceAll("/", ".").replace(/\.\d+$/, "");
    return renameRecipeValue(renames, key, text) as string;
  },
});

function walk(value: unknown, parts: readonly string[], walker: Walker): void {
  const { put, rename, options } = walker;
  const path = rename.path(parts);
  if (Array.isArray(value)) {
    if (value.length === 0) put(path, "[]");
    for (const [i, part] of value.entries()) walk(part, [...parts, String(i)], walker);
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([key]) => !Object.hasOwn(excludedKeys, key));
    if (Object.keys(value).length === 0) put(path, "{}");
    for (const [key, part] of entries) walk(part, [...parts, key], walker);
  } else if (typeof value === "string") {
    put(path, rename.value(path, value.replaceAll(options.root, "{folder}")));
  } else put(path, (value ?? null) as Leaf);
}

/** The values of a row by their column, in a CSV file with or without quotes. */
function readCsv(text: string, walker: Walker): void {
  const [head = [], ...rows] = csvRows(text);
  for (const [i, row] of rows.entries())
    for (const [j, cell] of row.entries()) {
      const isNumber = cell.trim() !== "" && Number.isFinite(Number(cell));
      walk(isNumber ? Number(cell) : cell, [String(i), head[j] ?? String(j)], walker);
    }
}

function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

/**
 * Reads lines by their task and their place in it. Of a step that was measured twice, because a
 * killed run repeats the steps since its last snapshot, the last line counts, as for the program.
 */
function readLines(text: string, walker: Walker): void {
  const tasks = new Map<string, Map<unknown, unknown>>();
  for (const line of text.split("\n").filter(Boolean)) {
    const entry = JSON.parse(line) as Record<string, unknown>;
    const task = walker.rename.value("task", String(entry.task));
    const steps = tasks.get(task) ?? new Map<unknown, unknown>();
    tasks.set(task, steps.set(entry.step ?? steps.size, entry));
  }
  for (const [task, steps] of tasks)
    [...steps.values()].forEach((entry, i) => {
      walk(entry, [task.replaceAll("/", "-"), String(i)], walker);
    });
}

/** Sections of a recipe that the metadata of a generator's files hold, as `options`. */
const sectionOf = (file: string): string => (basename(file).startsWith("autoencoder") ? "autoencoder" : "diffusion");

function readTensors(file: string, bytes: Buffer, walker: Walker): void {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata = {}, ...tensors } = JSON.parse(bytes.toString("utf8", 8, start)) as Record<
    string,
    Record<string, unknown>
  >;
  const { renames } = walker.options;
  for (const [key, text] of Object.entries(metadata)) {
    const value = parsed(String(text));
    const isOptions = key === "options" && typeof value === "object";
    const rename = isOptions ? renameInRecipe(renames, sectionOf(file)) : walker.rename;
    const path = (parts: readonly string[]) => `metadata/${isOptions ? "options/" : ""}${rename.path(parts)}`;
    const inRecipe = (at: string, word: string) => rename.value(at.replace("metadata/options/", ""), word);
    walk(value, isOptions ? [] : [key], { ...walker, rename: { path, value: inRecipe } });
  }
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(tensors)) {
    const [begin, end] = data_offsets as [number, number];
    const hash = createHash("sha256")
      .update(bytes.subarray(start + begin, start + end))
      .digest("hex");
    walker.put(`tensors/${renameTensor(renames, name)}`, `${dtype} [${shape}] bytes ${hash}`);
  }
}

/** A number, object or the text itself: metadata are strings of all of them. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
