/**
 * Limits how many files are open at once. Systems allow a process 256 or 1024 of them, and a run
 * may have a hundred thousand checkpoints.
 */

import { throwIfAborted } from "../errors.ts";

/** Files of one kind that are open at once, at most. */
export const MAX_OPEN_FILES = 64;

/**
 * Does something with every file, with few of them at once.
 * @returns the results in the order of the files.
 * @throws Interrupted when the signal aborts.
 */
export async function mapFiles<File, Result>(
  files: readonly File[],
  use: (file: File, index: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < files.length; start += MAX_OPEN_FILES) {
    if (signal !== undefined) throwIfAborted(signal);
    const some = files.slice(start, start + MAX_OPEN_FILES);
    results.push(...(await Promise.all(some.map((file, i) => use(file, start + i)))));
  }
  return results;
}

/** Something that was opened and can be closed. */
interface Closable {
  close(): Promise<unknown>;
}

/** Files that are used by their index. */
export interface OpenFiles<Opened> {
  /** Uses a file; it is closed afterwards unless it is kept open. Several uses may run at once. */
  use<Result>(index: number, work: (file: Opened) => Promise<Result>): Promise<Result>;
  /** Closes the files that were kept open. */
  close(): Promise<void>;
}

/**
 * Keeps the first files open, and opens any other for as long as it is used.
 * @param open opens file `index`.
 */
export function openFiles<Opened extends Closable>(open: (index: number) => Promise<Opened>): OpenFiles<Opened> {
  const kept = new Map<number, Promise<Opened>>();
  return {
    async use(index, work) {
      if (index < MAX_OPEN_FILES) {
        const opening = kept.get(index) ?? open(index);
        kept.set(index, opening);
        return work(await opening);
      }
      const file = await open(index);
      try {
        return await work(file);
      } finally {
        await file.close();
      }
    },
    async close() {
      const all = await Promise.allSettled(kept.values());
      kept.clear();
      for (const opened of all) if (opened.status === "fulfilled") await opened.value.close();
    },
  };
}
