/**
 * Finds checkpoints that are copies of others, such as `best.pt` and `last.pt` beside the epochs.
 * Only the tensors that are asked for count, so a copy that was saved again is found as well.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";

import { showAll } from "../show.ts";
import type { CheckpointReader } from "./flat-reader.ts";
import { bytesOf } from "./formats/read-floats.ts";
import { sameElements } from "./same-elements.ts";

/** Windows of a vector that are compared first, evenly spaced, and their length. */
const WINDOWS = 16;
const WINDOW = 256;

/** How files are read. */
export interface ReadVectors {
  /** Length of a file as a flat vector. */
  readonly size: number;
  /** Opens a file as a flat vector. */
  readonly open: (file: string) => Promise<CheckpointReader>;
}

/** Files without copies. */
export interface DistinctFiles {
  readonly files: readonly string[];
  /** Each file that is left out, and the one that it repeats. */
  readonly copies: ReadonlyMap<string, string>;
}

/**
 * Leaves out files that repeat another. Of files that are the same, the first with a number in its
 * name is kept, because that gives its place in the order.
 */
export async function distinctFiles(files: readonly string[], vectors: ReadVectors): Promise<DistinctFiles> {
  const alike = new Map<string, string[]>();
  for (const file of files) {
    const print = await fingerprint(file, vectors);
    alike.set(print, [...(alike.get(print) ?? []), file]);
  }
  const copies = new Map<string, string>();
  for (const group of alike.values()) {
    const ordered = [...group].sort((a, b) => Number(hasNumber(b)) - Number(hasNumber(a)));
    const kept: string[] = [];
    for (const file of ordered) {
      const original = await firstSame(file, kept, vectors);
      if (original === undefined) kept.push(file);
      else copies.set(file, original);
    }
  }
  return { files: files.filter((file) => !copies.has(file)), copies };
}

/** A remark on copies that are left out; empty where there are none. */
export function copiesNote(copies: ReadonlyMap<string, string>, files: number): string[] {
  if (copies.size === 0) return [];
  const named = showAll([...copies.keys()], (file) => `${basename(file)} (of ${basename(copies.get(file) ?? "")})`);
  const [what, are] = copies.size === 1 ? ["is a copy of another", "is"] : ["are copies of others", "are"];
  return [`${copies.size} of ${files} checkpoints ${what} and ${are} left out: ${named}`];
}

const hasNumber = (file: string): boolean => /\d/.test(basename(file));

async function firstSame(file: string, others: readonly string[], vectors: ReadVectors): Promise<string | undefined> {
  for (const other of others) if (await isSame(file, other, vectors)) return other;
  return undefined;
}

async function isSame(a: string, b: string, { size, open }: ReadVectors): Promise<boolean> {
  const ours = await open(a);
  try {
    const theirs = await open(b);
    try {
      return await sameElements(
        (start, into) => ours.read(start, start + into.length, into),
        (start, into) => theirs.read(start, start + into.length, into),
        size,
      );
    } finally {
      await theirs.close();
    }
  } finally {
    await ours.close();
  }
}

/** A checksum of evenly spaced parts of a vector. */
async function fingerprint(file: string, { size, open }: ReadVectors): Promise<string> {
  const hash = createHash("sha256");
  const reader = await open(file);
  try {
    const step = Math.max(WINDOW, Math.floor((size - WINDOW) / (WINDOWS - 1)));
    for (let start = 0; start < size; start += step) {
      const window = new Float32Array(Math.min(WINDOW, size - start));
      await reader.read(start, start + window.length, window);
      hash.update(bytesOf(window));
    }
  } finally {
    await reader.close();
  }
  return hash.digest("hex");
}
