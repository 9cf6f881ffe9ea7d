/** What every stage is handed, and what stages share: the task at hand, checkpoints of a folder, snapshots. */
import { access } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import {
  flatten,
  type Layout,
  layoutOf,
  readHeader,
  readSafetensors,
  restrict,
  select,
  unflatten,
  writeSafetensors,
} from "../checkpoints/index.ts";
import { type DataSet, type DataShape, dataRoot, dataShape, type LoadListener, loadData } from "../data/index.ts";
import { Interrupted, UserError } from "../errors.ts";
import { readJson, sha256File } from "../files/index.ts";
import { fold, type Key, key } from "../random/index.ts";
import type { Saver } from "../training/index.ts";
import { type Classifier, classifier } from "../zoo/index.ts";
import type { StageName } from "./events.ts";
import type { Measure } from "./measures.ts";
import type { AnyRecipe, MeasuredRecipe, Recipe } from "./recipe.ts";
import type { Journal, Paths } from "./run-folder.ts";
import { networkOf } from "./task-network.ts";

/** What a stage of any run is handed. */
export interface RunContext<R extends AnyRecipe = AnyRecipe> {
  readonly recipe: R;
  readonly paths: Paths;
  readonly signal: AbortSignal;
  readonly ignoreGate: boolean;
  readonly journal: Journal;
  /** Keeps the snapshots of a long piece of work in a file. */
  readonly saver: (path: string) => Saver;
  /** The key of everything random in the run. */
  readonly key: Key;
  /** The generated tensors, as a layout of their own. */
  chosen(): Promise<Layout>;
  progress(task: string, step: number, total: number, values?: Record<string, number>): Promise<void>;
  note(text: string): Promise<void>;
  warn(text: string): Promise<void>;
}

/** What a stage is handed where the networks can be run here. */
export interface StageContext extends RunContext<Recipe> {
  /** The data set and network, loaded once for all stages. */
  task(): Promise<Task>;
}

/** What a stage is handed where they cannot. */
export interface MeasuredContext extends RunContext<MeasuredRecipe> {
  /** A function that says what a checkpoint is worth, in place of the recipe's command. */
  readonly measure: Measure | undefined;
}

export const runKey = (recipe: AnyRecipe): Key => fold(key(recipe.seed), "run");

/** The data set, network and chosen tensors of a recipe. */
export interface Task {
  readonly data: DataSet;
  readonly network: Classifier;
  /** The generated tensors, as a layout of their own. */
  readonly chosen: Layout;
}

/** The shape of a recipe's data, without reading them. */
export const shapeOf = ({ data, seed }: Recipe): DataShape => dataShape({ ...data, root: dataRoot(), seed });

/** The network of a recipe, without its data. */
export const classifierOf = (recipe: Recipe): Classifier => classifier(networkOf(recipe.network), shapeOf(recipe));

/** Loads what a recipe works on. */
export async function loadTask(recipe: Recipe, listener: LoadListener = {}): Promise<Task> {
  const data = await loadData({ ...recipe.data, root: dataRoot(), seed: recipe.seed }, listener);
  const network = classifier(networkOf(recipe.network), data);
  return { data, network, chosen: chosenTensors(recipe, network) };
}

/** The layout of the tensors that a recipe generates. */
export function chosenTensors(recipe: Recipe, { layout }: Pick<Classifier, "layout">): Layout {
  return restrict(layout, new Set(select(layout, recipe.zoo.select).map((e) => e.name)));
}

/** The layout of the tensors of a zoo, as its first file holds them. */
export async function zooTensors({ zoo }: AnyRecipe, p: Paths): Promise<Layout> {
  const { tensors } = await readHeader(checkpointPath(p.zoo, 1, zoo.count));
  return layoutOf([...tensors].map(([name, { shape }]) => ({ name, shape })));
}

/** Checks now and then that nobody asked to stop. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted("stopped");
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const fileName = (index: number, count: number) =>
  `${String(index).padStart(Math.max(4, String(count).length), "0")}.safetensors`;

/** The file of checkpoint `index` (from 1) of `count`. */
export const checkpointPath = (folder: string, index: number, count: number): string =>
  join(folder, fileName(index, count));

/** Writes a flat vector as a checkpoint with names and shapes. Returns the file's sha256. */
export function writeCheckpoint(
  path: string,
  layout: Layout,
  flat: Float32Array,
  metadata: Record<string, string> = {},
): Promise<string> {
  const tensors = unflatten(layout, flat);
  return writeSafetensors(
    path,
    layout.entries.map(({ name, shape }) => ({ name, shape, data: tensors.get(name)! })),
    metadata,
  );
}

/** Arrays one after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The rows of a matrix `[n, width]`, as views of it. */
export const rowsOf = (matrix: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: matrix.length / width }, (_, k) => matrix.subarray(k * width, (k + 1) * width));

/** At most `count` of the vectors, evenly spaced. */
export function evenly(vectors: readonly Float32Array[], count: number): Float32Array[] {
  const n = Math.min(count, vectors.length);
  return Array.from({ length: n }, (_, i) => vectors[Math.floor((i * vectors.length) / n)]!);
}

/** Writes flat vectors by name, such as the state of a training. */
export async function writeVectors(
  path: string,
  vectors: Readonly<Record<string, Float32Array>>,
  metadata: Record<string, string>,
): Promise<void> {
  const tensors = Object.entries(vectors).map(([name, data]) => ({ name, shape: [data.length], data }));
  await writeSafetensors(path, tensors, metadata);
}

/** Reads a checkpoint as a flat vector. */
export async function readCheckpoint(path: string, layout: Layout): Promise<Float32Array> {
  const { tensors } = await readSafetensors(path);
  try {
    return flatten(layout, tensors);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** One line of a folder's index. */
const indexed = z.looseObject({ file: z.string().regex(/^\d+\.safetensors$/), sha256: z.string() });
const indexSchema = z.looseObject({ checkpoints: z.array(indexed).min(1) });

/** The index of a folder of checkpoints: what each file is and its checksum. */
export async function indexOf(folder: string, count: number): Promise<z.output<typeof indexed>[]> {
  const result = [];
  for (let i = 1; i <= count; i++) {
    const path = checkpointPath(folder, i, count);
    const { metadata } = await readHeader(path);
    result.push({
      file: fileName(i, count),
      sha256: await sha256File(path),
      ...Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k, Number(v)])),
    });
  }
  return result;
}

/**
 * The paths of a folder's checkpoints, each checked against its checksum.
 * @throws UserError `E_CHECKPOINT` naming the file that is missing or changed, and how to make it again.
 */
export async function verifiedCheckpoints(folder: string, redo: string): Promise<string[]> {
  const index = indexSchema.safeParse(await readJson(join(folder, "index.json")));
  if (!index.success)
    throw new UserError(
      "E_CHECKPOINT",
      `${join(folder, "index.json")} is missing or not an index of checkpoints; ${redo}`,
    );
  const result = [];
  for (const { file, sha256 } of index.data.checkpoints) {
    const path = join(folder, file);
    await verify(path, sha256, redo);
    result.push(path);
  }
  return result;
}

/**
 * Makes sure that a file is the one that was written.
 * @throws UserError `E_CHECKPOINT` naming the file and what is wrong with it, and how to make it again.
 */
export async function verify(path: string, sha256: string, redo: string): Promise<void> {
  const found = await sha256File(path).catch((error: NodeJS.ErrnoException) => error.code ?? "unreadable");
  if (found === sha256) return;
  const problem =
    found === "ENOENT"
      ? "is missing"
      : found.length === 64
        ? "was changed after it was written (its checksum differs)"
        : `cannot be read (${found})`;
  throw new UserError("E_CHECKPOINT", `${path} ${problem}; ${redo}`);
}

const heldOutSchema = z.object({
  /** Null where nothing fixes one before there are samples. */
  bar: z.number().nullable(),
  checkpoints: z.array(indexed).min(1),
});

/** What was held out: its files, and the bar that it fixed. */
export interface HeldOut {
  readonly files: readonly string[];
  /** Accuracy on the selection split that a sample must reach; undefined where it is measured later. */
  readonly bar: number | undefined;
}

/**
 * The held-out checkpoints, each checked against its checksum; undefined where the recipe holds none out.
 * @throws UserError `E_CHECKPOINT` naming the file that is missing or changed.
 */
export async function verifiedHeldOut(p: Paths, { zoo }: AnyRecipe): Promise<HeldOut | undefined> {
  if (zoo.heldOut === 0) return undefined;
  const redo = `collect again: pdiff collect ${p.folder} --force`;
  const index = heldOutSchema.safeParse(await readJson(p.heldOutIndex));
  if (!index.success)
    throw new UserError("E_CHECKPOINT", `${p.heldOutIndex} is missing or not an index of checkpoints; ${redo}`);
  return { files: await verifiedCheckpoints(p.heldOut, redo), bar: index.data.bar ?? undefined };
}

const baseSchema = z.looseObject({ sha256: z.string(), batchesTracked: z.int().min(0).default(0) });

async function readBaseIndex(p: Paths, redo: string): Promise<z.output<typeof baseSchema>> {
  const index = baseSchema.safeParse(await readJson(p.baseIndex));
  if (index.success) return index.data;
  throw new UserError("E_CHECKPOINT", `${p.baseIndex} is missing or not the index of a network; ${redo}`);
}

/**
 * The tensors of the trained task network.
 * @throws UserError `E_CHECKPOINT` when its file is missing or changed.
 */
export async function readBase(p: Paths): Promise<ReadonlyMap<string, Float32Array>> {
  const redo = `train it again: pdiff collect ${p.folder} --force`;
  await verify(p.baseNetwork, (await readBaseIndex(p, redo)).sha256, redo);
  return (await readSafetensors(p.baseNetwork)).tensors;
}

/** What lies under checkpoints of the chosen tensors: the base network's, or nothing where they are the whole network. */
export const tensorsUnder = async (
  p: Paths,
  chosen: Layout,
  whole: Layout,
): Promise<ReadonlyMap<string, Float32Array>> => (chosen.size === whole.size ? new Map() : readBase(p));

/** How often long work saves where it stands, in milliseconds, if nobody says otherwise. */
export const SAVE_EVERY_MS = 10_000;

/** Saving should take no more than one part in so many of the time; for that snapshots may come so many times less often. */
const SAVING_SHARE = 20;

/** How many batches the base network's running statistics have seen; 0 where there is no base network. */
export async function batchesTracked(p: Paths): Promise<number> {
  return baseSchema.safeParse(await readJson(p.baseIndex)).data?.batchesTracked ?? 0;
}

/**
 * Keeps snapshots in one safetensors file, replaced as a whole.
 * @param everyMs how often one is due; less often, within bounds, where saving is slow.
 */
export function fileSaver(path: string, everyMs: number): Saver {
  let last = performance.now();
  let pause = everyMs;
  return {
    async load() {
      if (!(await exists(path))) return undefined;
      try {
        const { tensors, metadata } = await readSafetensors(path);
        const step = Number(metadata.step);
        if (!Number.isSafeInteger(step) || step < 0) throw new UserError("E_CHECKPOINT", `${path} names no step`);
        return { step, vectors: Object.fromEntries(tensors) };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw new UserError(
          error.code,
          `the state to continue from cannot be used: ${error.message}; or remove that file, and only this piece of work starts over`,
          { cause: error },
        );
      }
    },
    due: () => performance.now() - last >= pause,
    async save({ step, vectors }) {
      const began = performance.now();
      await writeVectors(path, vectors, { step: String(step) });
      last = performance.now();
      pause = Math.min(Math.max(everyMs, SAVING_SHARE * (last - began)), SAVING_SHARE * everyMs);
    },
  };
}

/** Points of a curve of losses, at most. */
const CURVE_POINTS = 500;

/** Whether a curve of the losses of `total` steps has a point there. */
export const isOnCurve = (done: number, total: number): boolean =>
  done % Math.max(1, Math.floor(total / CURVE_POINTS)) === 0 || done === total;

/** Reports a training step: progress always, a measurement as often as a curve has points. */
export function trainingReporter(context: RunContext, stage: StageName, task: string, total: number) {
  return async (done: number, loss: number): Promise<void> => {
    if (isOnCurve(done, total)) await context.journal.measure({ stage, task, step: done, loss });
    await context.progress(task, done, total, { loss });
  };
}
