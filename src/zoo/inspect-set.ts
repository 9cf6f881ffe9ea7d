/**
 * Compares checkpoints of one network: which tensors vary and how much, in how many directions,
 * which files are the same, and which tensors could be generated. Files are read by ranges: neither
 * a checkpoint nor a matrix of all is in memory.
 */

import { type CheckpointReader, openSet, openVector, tensorsToGenerate } from "../checkpoints/index.ts";
import { yieldToEvents } from "../event-loop.ts";
import { input, matMul, transpose } from "../graph/index.ts";
import type { Layout } from "../layout/index.ts";
import { at } from "../lookup.ts";
import { allEigenvectors, upperMedian } from "../numeric/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type Suggestion, suggestTensors, type TensorVariation } from "./suggest-tensors.ts";
import { looksLikeTrajectory } from "./trajectory.ts";

/**
 * What checkpoints of one network differ in.
 * @category Results
 */
export interface SetSummary {
  readonly files: readonly string[];
  /** Numbers that are compared, and tensors. */
  readonly parameters: number;
  readonly tensors: readonly TensorVariation[];
  /** Median distance between two files, and between two that follow one another. */
  readonly distance: { readonly median: number; readonly consecutive: number };
  /**
   * Whether the files look like checkpoints of one training in their order: the answer that a fit
   * goes by.
   */
  readonly trajectory: boolean;
  /**
   * Participation ratio (Σλ)² / Σλ², and how many principal directions hold 95 % and 99 % of the
   * variance.
   */
  readonly dimensions: { readonly effective: number; readonly for95: number; readonly for99: number };
  /** Pairs of files that are the same, or nearly the same. */
  readonly duplicates: readonly { readonly files: readonly [string, string]; readonly distance: number }[];
  /** Files that hold infinite numbers or NaN, and the tensors that do. */
  readonly notFinite: readonly { readonly file: string; readonly tensors: readonly string[] }[];
  /** Remarks on the files, in sentences. */
  readonly notes: readonly string[];
  /** Which tensors to generate, and what it takes. */
  readonly suggestion: Suggestion;
}

/** Options of `inspectSet`. */
export interface InspectSetOptions {
  /** Which tensors to compare, as in a recipe; all by default. */
  readonly select?: string | readonly string[];
  /** Which network of each file, where it holds several. */
  readonly key?: string | undefined;
  /** One thread of the CPU by default. */
  readonly device?: Device;
  /** Called with the number of files read, and of all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Numbers read at a time, of all files together: 32 MiB. */
const NUMBERS = 2 ** 23;

/** Numbers of every file that are centred before the event loop may have a turn. */
const CENTRED = 256;

/** Files that are compared pair by pair, from the first one on. */
const MAX_FILES = 2000;

/** Pairs nearer than this share of the median pair are called duplicates. */
const SAME = 1e-3;

/**
 * Compares checkpoints.
 * @param patterns paths, folders or patterns such as `ckpts/*.pth`.
 * @throws UserError `E_CHECKPOINT` when they are of several networks, or damaged.
 * @throws Interrupted when the signal aborts.
 */
export async function inspectSet(
  patterns: string | readonly string[],
  {
    select = "all",
    key,
    device = nodeDevice({ name: "cpu", threads: 1 }),
    onProgress = () => {},
    signal,
  }: InspectSetOptions = {},
): Promise<SetSummary> {
  const set = await openSet(patterns, { key });
  const files = set.files.slice(0, MAX_FILES);
  const layout = tensorsToGenerate(set.tensors, select);
  const k = files.length;
  const readers: CheckpointReader[] = [];
  let gram: Gram;
  let trajectory: boolean;
  try {
    for (const file of files) readers.push(await openVector(file, layout, { key }));
    gram = await gramOf({ files, readers, layout, device, onProgress, signal });
    const opened = readers.map(({ read }) => ({ read, close: async () => {} }));
    trajectory = await looksLikeTrajectory({ count: k, size: layout.size, open: async (i) => at(opened, i) });
  } finally {
    for (const reader of readers) await reader.close();
  }
  const { tensors } = gram;
  const pairs = await pairDistances(gram.products, k, signal);
  const medianOf = (some: readonly Pair[]) => (some.length === 0 ? 0 : upperMedian(some.map((pair) => pair.distance)));
  const median = medianOf(pairs);
  return {
    files,
    parameters: layout.size,
    tensors,
    distance: { median, consecutive: medianOf(pairs.filter(({ i, j }) => j === i + 1)) },
    trajectory,
    dimensions: await dimensionsOf(gram.products, k, signal),
    duplicates: pairs
      .filter(({ distance }) => distance <= SAME * median)
      .map(({ i, j, distance }) => ({ files: [at(files, i), at(files, j)] as const, distance })),
    notFinite: gram.notFinite,
    notes: [
      ...set.notes,
      ...(set.files.length > k ? [`only the first ${k} of ${set.files.length} files were compared`] : []),
      ...(k < 20 ? [`${k} checkpoints are few: a generator may learn them by heart; 50 or more are better`] : []),
    ],
    suggestion: suggestTensors(tensors, layout, k),
  };
}

interface GramInput {
  readonly files: readonly string[];
  readonly readers: readonly CheckpointReader[];
  readonly layout: Layout;
  readonly device: Device;
  onProgress(done: number, total: number): void;
  readonly signal: AbortSignal | undefined;
}

/** What one pass over the files finds. */
interface Gram extends Pick<SetSummary, "tensors" | "notFinite"> {
  /** Products of the files' deviations from their mean, `[files, files]`. */
  readonly products: Float64Array;
}

/** Reads all files once, range by range. Numbers that are not finite count as 0. */
async function gramOf({ files, readers, layout, device, onProgress, signal }: GramInput): Promise<Gram> {
  const k = files.length;
  const width = Math.max(1, Math.min(layout.size, Math.floor(NUMBERS / k)));
  const c = input("c", [k, width]);
  const program = await compile({ gram: matMul(c, transpose(c, [1, 0])) }, device);
  const products = new Float64Array(k * k);
  const notFinite = new Map<string, Set<string>>();
  const tensors: TensorVariation[] = [];
  let total = 0;
  try {
    const rows = new Float32Array(k * width);
    // Ranges do not cross tensors, so that each is summed up on its own.
    for (const { name, shape, offset, size } of layout.entries) {
      let [squares, deviations] = [0, 0];
      for (let start = offset; start < offset + size; start += width) {
        const end = Math.min(start + width, offset + size);
        rows.fill(0);
        for (const [i, reader] of readers.entries()) {
          await yieldToEvents(signal);
          const row = rows.subarray(i * width, i * width + end - start);
          await reader.read(start, end, row);
          if (row.every(Number.isFinite)) continue;
          const file = at(files, i);
          notFinite.set(file, (notFinite.get(file) ?? new Set()).add(name));
          row.forEach((value, at) => {
            if (!Number.isFinite(value)) row[at] = 0;
          });
        }
        const sums = await centre(rows, { count: k, width, used: end - start, signal });
        squares += sums.squares;
        deviations += sums.deviations;
        const part = (await program.run({ c: rows })).gram as Float32Array;
        for (let i = 0; i < products.length; i++) products[i]! += part[i]!;
        onProgress(end, layout.size);
      }
      const relative = squares === 0 ? 0 : Math.sqrt(deviations / squares);
      tensors.push({ name, shape, count: size, relative, share: deviations });
      total += deviations;
    }
  } finally {
    await program.release();
  }
  return {
    products,
    tensors: tensors.map((tensor) => ({ ...tensor, share: total === 0 ? 0 : tensor.share / total })),
    notFinite: [...notFinite].map(([file, names]) => ({ file, tensors: [...names] })),
  };
}

/**
 * Subtracts the mean over the rows from each column, in place.
 * @returns the sums of squares of the values before and after.
 */
async function centre(
  rows: Float32Array,
  { count, width, used, signal }: { count: number; width: number; used: number; signal: AbortSignal | undefined },
): Promise<{ squares: number; deviations: number }> {
  let [squares, deviations] = [0, 0];
  for (let i = 0; i < used; i++) {
    if (i % CENTRED === 0) await yieldToEvents(signal);
    let sum = 0;
    for (let k = 0; k < count; k++) sum += rows[k * width + i]!;
    const mean = sum / count;
    for (let k = 0; k < count; k++) {
      const value = rows[k * width + i]!;
      squares += value * value;
      const rest = value - mean;
      deviations += rest * rest;
      rows[k * width + i] = rest;
    }
  }
  return { squares, deviations };
}

interface Pair {
  readonly i: number;
  readonly j: number;
  readonly distance: number;
}

async function pairDistances(gram: Float64Array, k: number, signal: AbortSignal | undefined): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let i = 0; i < k; i++) {
    await yieldToEvents(signal);
    for (let j = i + 1; j < k; j++) {
      const squared = gram[i * k + i]! + gram[j * k + j]! - 2 * gram[i * k + j]!;
      pairs.push({ i, j, distance: Math.sqrt(Math.max(0, squared)) });
    }
  }
  return pairs;
}

async function dimensionsOf(
  gram: Float64Array,
  k: number,
  signal: AbortSignal | undefined,
): Promise<SetSummary["dimensions"]> {
  const values = (await allEigenvectors(gram, k, signal)).map(({ value }) => Math.max(0, value));
  const sum = values.reduce((a, b) => a + b, 0);
  const squares = values.reduce((a, b) => a + b * b, 0);
  const needed = (share: number) => {
    let held = 0;
    const at = values.findIndex((v) => (held += v) >= share * sum);
    return sum === 0 ? 0 : at + 1;
  };
  return { effective: squares === 0 ? 0 : (sum * sum) / squares, for95: needed(0.95), for99: needed(0.99) };
}
