/**
 * What differs between checkpoints of one network: which tensors vary and how much, in how many directions, which files repeat
 * one another, and what of it could be generated. Everything is streamed: neither a checkpoint nor a matrix of all is in memory.
 */

import { type CheckpointReader, type Layout, openSet, openVector, tensorsToGenerate } from "../checkpoints/index.ts";
import { input, matMul, transpose } from "../graph/index.ts";
import { allEigenvectors } from "../numeric/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";

/** How a tensor varies between checkpoints. */
export interface TensorVariation {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  /** Root mean square deviation from the mean over the checkpoints, relative to that of the values themselves. */
  readonly relative: number;
  /** Its share of all that differs, in [0, 1]. */
  readonly share: number;
}

/** What checkpoints of one network differ in. */
export interface SetSummary {
  readonly files: readonly string[];
  /** Numbers that are compared, and tensors. */
  readonly parameters: number;
  readonly tensors: readonly TensorVariation[];
  /** Median distance of two files, and of two that follow one another. */
  readonly distance: { readonly median: number; readonly consecutive: number };
  /** Whether the files look like checkpoints of one training, in their order. */
  readonly trajectory: boolean;
  /** Participation ratio (Σλ)² / Σλ², and principal directions that hold so much of what differs. */
  readonly dimensions: { readonly effective: number; readonly for95: number; readonly for99: number };
  /** Pairs of files that are the same, or all but. */
  readonly duplicates: readonly { readonly files: readonly [string, string]; readonly distance: number }[];
  /** Files that hold numbers that are not finite, and in which tensors. */
  readonly notFinite: readonly { readonly file: string; readonly tensors: readonly string[] }[];
  /** What is odd, in sentences. */
  readonly notes: readonly string[];
  readonly suggestion: {
    readonly select: string;
    readonly parameters: number;
    /** Memory and disk that fitting and 50 samples take, roughly. */
    readonly memoryBytes: number;
    readonly diskBytes: number;
    readonly reason: string;
  };
}

/** What to look at of checkpoints. */
export interface InspectSetOptions {
  /** Only these tensors, as in a recipe. */
  readonly select?: string | readonly string[];
  /** One thread of the CPU by default. */
  readonly device?: Device;
  /** Called with the number of files read, and of all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Coordinates read at a time: fewer of many files. */
const NUMBERS = 2 ** 23;

/** The most files that are compared pair by pair. */
const MAX_FILES = 2000;

/** Pairs nearer than this share of the median pair are called duplicates. */
const SAME = 1e-3;

/** Consecutive files of one training lie nearer to one another than this share of the median pair. */
const NEAR = 0.6;

/** Tensors whose relative spread is below this do not vary. */
const STILL = 1e-6;

/** Tensors that hold so much of what differs are worth generating. */
const WORTH = 0.99;

/** Networks that a suggestion reckons with. */
const SAMPLES = 50;

/**
 * Compares checkpoints.
 * @throws UserError `E_CHECKPOINT` when they are of several networks, or damaged.
 */
export async function inspectSet(
  patterns: string | readonly string[],
  { select = "all", device = nodeDevice({ name: "cpu", threads: 1 }), onProgress = () => {} }: InspectSetOptions = {},
): Promise<SetSummary> {
  const set = await openSet(patterns);
  const files = set.files.slice(0, MAX_FILES);
  const layout = tensorsToGenerate(set.tensors, select);
  const k = files.length;
  const width = Math.max(1, Math.min(layout.size, Math.floor(NUMBERS / k)));
  const c = input("c", [k, width]);
  const program = await compile({ gram: matMul(c, transpose(c, [1, 0])) }, device);
  const gram = new Float64Array(k * k);
  const spread = new Float64Array(layout.entries.length);
  const size = new Float64Array(layout.entries.length);
  const broken = new Map<string, Set<string>>();
  const readers: CheckpointReader[] = [];
  try {
    for (const file of files) readers.push(await openVector(file, layout));
    const rows = new Float32Array(k * width);
    // Ranges do not cross tensors, so that each is summed up on its own.
    for (const [t, { name, offset, size: length }] of layout.entries.entries()) {
      for (let start = offset; start < offset + length; start += width) {
        const end = Math.min(start + width, offset + length);
        rows.fill(0);
        for (const [i, reader] of readers.entries()) {
          const row = rows.subarray(i * width, i * width + end - start);
          await reader.read(start, end, row);
          if (!row.every(Number.isFinite)) {
            broken.set(files[i]!, (broken.get(files[i]!) ?? new Set()).add(name));
            row.forEach((value, at) => {
              if (!Number.isFinite(value)) row[at] = 0;
            });
          }
        }
        centre(rows, { count: k, width, used: end - start }, (squares, deviations) => {
          size[t]! += squares;
          spread[t]! += deviations;
        });
        const part = (await program.run({ c: rows })).gram as Float32Array;
        for (let i = 0; i < gram.length; i++) gram[i]! += part[i]!;
        onProgress(end, layout.size);
      }
    }
  } finally {
    await program.release();
    for (const reader of readers) await reader.close();
  }
  const total = spread.reduce((a, b) => a + b, 0);
  const tensors = layout.entries.map(({ name, shape, size: count }, t) => ({
    ...{ name, shape, count },
    relative: size[t]! === 0 ? 0 : Math.sqrt(spread[t]! / size[t]!),
    share: total === 0 ? 0 : spread[t]! / total,
  }));
  const distances = pairDistances(gram, k);
  const median = medianOf(distances.map(({ distance }) => distance));
  const consecutive = medianOf(distances.filter(({ i, j }) => j === i + 1).map(({ distance }) => distance));
  return {
    ...{ files, parameters: layout.size, tensors },
    distance: { median, consecutive },
    trajectory: k >= 4 && consecutive < NEAR * median,
    dimensions: dimensionsOf(gram, k),
    duplicates: distances
      .filter(({ distance }) => distance <= SAME * median)
      .map(({ i, j, distance }) => ({ files: [files[i]!, files[j]!] as const, distance })),
    notFinite: [...broken].map(([file, names]) => ({ file, tensors: [...names] })),
    notes: [
      ...set.notes,
      ...(set.files.length > k ? [`only the first ${k} of ${set.files.length} files were compared`] : []),
      ...(k < 20 ? [`${k} checkpoints are few: a generator may learn them by heart; 50 or more are better`] : []),
    ],
    suggestion: suggest(tensors, layout, k),
  };
}

/** Takes the mean over the rows away, and tells the sums of squares of the values and of what is left. */
function centre(
  rows: Float32Array,
  { count, width, used }: { count: number; width: number; used: number },
  tell: (squares: number, deviations: number) => void,
): void {
  let [squares, deviations] = [0, 0];
  for (let i = 0; i < used; i++) {
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
  tell(squares, deviations);
}

interface Pair {
  readonly i: number;
  readonly j: number;
  readonly distance: number;
}

function pairDistances(gram: Float64Array, k: number): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i < k; i++)
    for (let j = i + 1; j < k; j++) {
      const squared = gram[i * k + i]! + gram[j * k + j]! - 2 * gram[i * k + j]!;
      pairs.push({ i, j, distance: Math.sqrt(Math.max(0, squared)) });
    }
  return pairs;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function dimensionsOf(gram: Float64Array, k: number): SetSummary["dimensions"] {
  const values = allEigenvectors(gram, k).map(({ value }) => Math.max(0, value));
  const sum = values.reduce((a, b) => a + b, 0);
  const squares = values.reduce((a, b) => a + b * b, 0);
  const needed = (share: number) => {
    let held = 0;
    const at = values.findIndex((v) => (held += v) >= share * sum);
    return sum === 0 ? 0 : at + 1;
  };
  return { effective: squares === 0 ? 0 : (sum * sum) / squares, for95: needed(0.95), for99: needed(0.99) };
}

/** What to generate: all that varies, or its last layers where these hold nearly all that differs. */
function suggest(tensors: readonly TensorVariation[], layout: Layout, k: number): SetSummary["suggestion"] {
  const varying = tensors.filter(({ relative }) => relative > STILL);
  const layerOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf(".")));
  const [select, reason] = ((): [string, string] => {
    if (varying.length === 0) return ["all", "nothing differs between these checkpoints: there is nothing to learn"];
    if (varying.length === tensors.length && varying.length <= 4) return ["all", "every tensor varies"];
    const layers = [...new Set(varying.map(({ name }) => layerOf(name)))];
    let held = 0;
    for (const [i, layer] of layers.toReversed().entries()) {
      held += varying.filter(({ name }) => layerOf(name) === layer).reduce((sum, { share }) => sum + share, 0);
      if (held >= WORTH && layers.length - i > 1 && layer !== "")
        return [
          layers
            .slice(layers.length - 1 - i)
            .map((name) => `${name}.*`)
            .join(","),
          `${i === 0 ? "this layer holds" : "these layers hold"} ${(100 * held).toFixed(1)} % of what differs`,
        ];
    }
    if (varying.length === tensors.length) return ["all", "all tensors vary"];
    return [
      layers.map((name) => (name === "" ? "*" : `${name}.*`)).join(","),
      `${tensors.length - varying.length} of ${tensors.length} tensors are the same in all checkpoints`,
    ];
  })();
  const terms = select.split(",");
  const chosen =
    select === "all" ? layout.entries : layout.entries.filter(({ name }) => terms.includes(`${layerOf(name)}.*`));
  const parameters = chosen.reduce((sum, entry) => sum + entry.size, 0);
  return {
    ...{ select, parameters, reason },
    memoryBytes: Math.round(250e6 + 4 * parameters + Math.min(4 * parameters * k, 300e6)),
    diskBytes: 4 * parameters * (k + SAMPLES),
  };
}
