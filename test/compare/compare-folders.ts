/**
 * Compares what two versions wrote: tensors and predictions byte for byte, and figures value by
 * value.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { oneSidedReason, patternOf, renameFile } from "./canonical.ts";
import { type Document, kindOf, type Leaf, readDocument } from "./documents.ts";
import { excludedFiles } from "./excluded.ts";
import type { Renames } from "./renames.ts";

/** Something that is not the same. */
export interface Difference {
  /** The file, and the value's path in it. */
  readonly where: string;
  readonly old: string;
  readonly new: string;
}

/** What a comparison found. */
export interface Comparison {
  /** Files that both versions wrote. */
  readonly files: number;
  /** Those of them of which not one byte differs. */
  readonly sameBytes: number;
  /** Numbers, identifiers and tensors that were compared inside of files. */
  readonly figures: number;
  readonly differences: readonly Difference[];
  /** Sentences, hashes and drawings that differ, which is no failure. */
  readonly textChanged: readonly Difference[];
  /** What was left out, with the reason. */
  readonly excluded: readonly string[];
}

/**
 * Compares two folders under new names.
 * @param old what the older version wrote; `renamed` what the newer one did.
 */
export function compareFolders(old: string, renamed: string, renames: Renames): Comparison {
  const before = filesOf(old, renames);
  const after = filesOf(renamed, renames);
  const found = { files: 0, sameBytes: 0, figures: 0 };
  const differences: Difference[] = [...before.taken, ...after.taken];
  const textChanged: Difference[] = [];
  const excluded: string[] = [];
  for (const file of inStageOrder([...before.paths.keys(), ...after.paths.keys()])) {
    const reason = excludedReason(file);
    const [oldPath, newPath] = [before.paths.get(file), after.paths.get(file)];
    if (reason !== undefined) excluded.push(`${file}: ${reason}`);
    else if (oldPath === undefined || newPath === undefined) {
      const why = oneSidedReason(renames, file);
      if (why !== undefined) excluded.push(`${file}: ${why}`);
      else differences.push({ where: file, old: presence(oldPath), new: presence(newPath) });
    } else {
      const bytes = { old: readFileSync(oldPath), new: readFileSync(newPath) };
      const same = bytes.old.equals(bytes.new);
      found.files++;
      if (same) found.sameBytes++;
      const kind = kindOf(file);
      if (kind === "bytes" && !same) differences.push(firstByte(file, bytes.old, bytes.new));
      if (kind === "text" && !same) textChanged.push(...changedLine(file, bytes.old, bytes.new));
      if (kind === "bytes" || kind === "text") continue;
      try {
        const documents = {
          old: readDocument(file, bytes.old, { renames, root: old }),
          new: readDocument(file, bytes.new, { renames, root: renamed }),
        };
        const compared = compareDocuments(file, documents.old, documents.new, renames);
        found.figures += compared.figures;
        differences.push(...compared.differences);
        textChanged.push(...compared.textChanged);
        excluded.push(...compared.excluded);
      } catch (error) {
        differences.push({ where: file, old: String(error), new: "" });
      }
    }
  }
  return { ...found, differences, textChanged, excluded };
}

/** What a run writes, in the order in which one part follows from another. */
const STAGES = [
  ...["recipe.yaml", "config.yaml", "metrics.jsonl", "base", "zoo", "held-out", "references"],
  ...["generator", "samples", "checkpoints", "evaluation", "figures"],
];

/** Files without repetition, so that what differs first comes first. */
function inStageOrder(files: readonly string[]): string[] {
  const stage = (file: string) => {
    const at = STAGES.findIndex((name) => file.split("/").includes(name));
    return at < 0 ? STAGES.length : at;
  };
  return [...new Set(files)].sort((a, b) => stage(a) - stage(b) || (a < b ? -1 : 1));
}

const presence = (path: string | undefined): string => (path === undefined ? "(no such file)" : "(a file)");

const excludedReason = (file: string): string | undefined =>
  Object.entries(excludedFiles).find(([pattern]) => matchesEnd(file, pattern))?.[1];

/**
 * Whether a path ends with a pattern, at the start of a name: what a recipe writes lies in folders
 * of its own.
 */
const matchesEnd = (file: string, pattern: string): boolean =>
  patternOf(pattern).test(file.split("/").slice(-pattern.split("/").length).join("/"));

/** The files of a folder by their new paths, and those of which two got the same one. */
function filesOf(folder: string, renames: Renames): { paths: Map<string, string>; taken: Difference[] } {
  const paths = new Map<string, string>();
  const taken: Difference[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = renameFile(renames, relative(folder, path).replaceAll(sep, "/"));
    if (paths.has(file)) taken.push({ where: file, old: paths.get(file)!, new: `${path} gets the same name` });
    paths.set(file, path);
  }
  return { paths, taken };
}

/** The first byte of two files that differs. */
function firstByte(file: string, old: Buffer, renamed: Buffer): Difference {
  let at = 0;
  while (at < old.length && old[at] === renamed[at]) at++;
  const byte = (bytes: Buffer) => (at < bytes.length ? String(bytes[at]) : "end of file");
  return {
    where: `${file} byte ${at}`,
    old: `${byte(old)} (of ${old.length} bytes)`,
    new: `${byte(renamed)} (of ${renamed.length} bytes)`,
  };
}

/** A log without its times, and without the lines that say how long training waited for images. */
const withoutTimes = (text: string): string =>
  text
    .replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /gm, "")
    .replace(/^.*waited for images.*\n/gm, "")
    .replace(/ (in|after) \d[\d.]* (ms|s|min|h)\b.*$/gm, "");

/** The first line of two texts that differs, if not in times alone. */
function changedLine(file: string, old: Buffer, renamed: Buffer): Difference[] {
  const before = withoutTimes(old.toString()).split("\n");
  const after = withoutTimes(renamed.toString()).split("\n");
  const line = Array.from({ length: Math.max(before.length, after.length) }).findIndex(
    (_, i) => before[i] !== after[i],
  );
  if (line < 0) return [];
  return [{ where: `${file} line ${line + 1}`, old: before[line] ?? "(no line)", new: after[line] ?? "(no line)" }];
}

/**
 * Compares the values of two documents: figures and identifiers must be the same, sentences need
 * not.
 */
export function compareDocuments(
  file: string,
  old: Document,
  renamed: Document,
  renames: Renames,
): Pick<Comparison, "figures" | "differences" | "textChanged" | "excluded"> {
  const differences: Difference[] = [];
  const textChanged: Difference[] = [];
  const excluded: string[] = [];
  let figures = 0;
  for (const path of new Set([...old.keys(), ...renamed.keys()])) {
    const [before, after] = [old.get(path), renamed.get(path)];
    const difference = { where: `${file} ${path}`, old: shown(before), new: shown(after) };
    if (before === undefined || after === undefined) {
      const reason = oneSidedReason(renames, file, path);
      if (reason === undefined) differences.push(difference);
      else excluded.push(`${difference.where}: ${reason}`);
    } else if (areText(before, after)) {
      if (before !== after) textChanged.push(difference);
    } else {
      figures++;
      if (!Object.is(before, after)) differences.push(difference);
    }
  }
  return { figures, differences, textChanged, excluded };
}

const shown = (leaf: Leaf | undefined): string => {
  if (leaf === undefined) return "(nothing)";
  return Object.is(leaf, -0) ? "-0" : String(leaf);
};

/** Two strings of which one is a sentence, or hashes of files, which are compared themselves. */
function areText(old: Leaf, renamed: Leaf): boolean {
  if (typeof old !== "string" || typeof renamed !== "string") return false;
  const strings = [old, renamed];
  if (strings.some((text) => TENSOR.test(text))) return false;
  return strings.some((text) => /\s/.test(text)) || strings.every((text) => HASH.test(text));
}

/** What stands for a tensor: its type, shape and the hash of its bytes. */
const TENSOR = /^\w+ \[[\d,]*\] bytes [0-9a-f]{64}$/;

const HASH = /^[0-9a-f]{64}$/;
