/**
 * Predictions of groups of networks, split into jobs for all cores. Each job writes its own file,
 * so an interrupted evaluation continues where it stopped.
 */

import { join } from "node:path";
import type { DataSet } from "../../data/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { makeFolder } from "../../files/index.ts";
import { get } from "../../lookup.ts";
import { type ProgressItem, progressItem } from "../../run/index.ts";
import type { ReadingContext, StageContext } from "../context.ts";
import { type NetworkAt, type PredictJob, readPredictions } from "./predict.ts";
import { predictAll } from "./predict-all.ts";

export const splits = ["selection", "test"] as const;
export type SplitName = (typeof splits)[number];

/** Predicted classes of a group, `[count, images]`, by split. */
export type Predictions = Partial<Record<SplitName, Uint16Array>>;

/** Classifications in one job: the most that an interruption can cost. */
const TASK = 250_000;
/** Bytes of memory for the checkpoints of one job. */
const TASK_BYTES = 2 ** 26;

/** Number of whole networks in one job; each gets its own session for its images. */
const WHOLE = 50;

/**
 * Number of networks of `dimension` generated parameters in one job. They share activations, so
 * more networks and fewer images are faster; whole networks share nothing.
 */
export const networksPerTask = (dimension: number, whole: boolean): number =>
  Math.max(1, Math.min(whole ? WHOLE : Number.POSITIVE_INFINITY, Math.floor(TASK_BYTES / (4 * dimension))));

/** Number of images in a job of this many networks: whole batches. */
export const imagesPerTask = (networks: number, batch: number): number => Math.ceil(TASK / networks / batch) * batch;

export interface PredictOptions {
  readonly data: DataSet;
  /** Networks by group. */
  readonly groups: Readonly<Record<string, readonly NetworkAt[]>>;
  readonly splits: readonly SplitName[];
  /** Whether the files hold whole networks rather than only the generated tensors. */
  readonly whole?: boolean;
  /** Numbers in a network. */
  readonly dimension: number;
  /** Prefix of the files of the jobs. */
  readonly name: string;
  /**
   * Whether the networks were drawn for the audit. Then another audit may draw others in their
   * place, so the predictions lie with them and are removed with them.
   */
  readonly drawn?: boolean;
  /** Where the predictions lie, if not in the run. */
  readonly folder?: string;
  /** The first images of each split that are predicted, at most; all by default. */
  readonly images?: number;
}

/** Predicts with all groups. Predictions that exist are read. */
export async function predict(
  context: ReadingContext<StageContext>,
  {
    data,
    groups,
    splits: wanted,
    whole = false,
    dimension,
    name,
    drawn = false,
    folder,
    images: limit,
  }: PredictOptions,
): Promise<Record<string, Predictions>> {
  const { recipe, paths: p } = context;
  const to = folder ?? (drawn ? p.drawnPredictions : p.predictions);
  await makeFolder(to);
  const networks = Object.values(groups).flat();
  const { network } = await context.task();
  const countOf = (split: SplitName) => Math.min(data[split].count, limit ?? Number.POSITIVE_INFINITY);
  const most = networksPerTask(dimension, dimension === network.layout.size);
  const tasks: (PredictJob & { row: number; split: SplitName })[] = [];
  for (let row = 0; row < networks.length; row += most) {
    const block = networks.slice(row, row + most);
    const images = imagesPerTask(block.length, recipe.evaluate.batch);
    for (const split of wanted) {
      for (let first = 0; first < countOf(split); first += images) {
        const out = join(to, `${name}-${split}-${row + 1}-${first + 1}.u16`);
        const count = Math.min(images, countOf(split) - first);
        tasks.push({ row, networks: block, whole, split, first, count, out });
      }
    }
  }
  const missing = [];
  for (const task of tasks) if ((await readPredictions(task)) === undefined) missing.push(task);
  await predictMissing(context, tasks, missing);

  const joined = new Map(wanted.map((split) => [split, new Uint16Array(networks.length * countOf(split))]));
  for (const task of tasks) {
    const { row, split, first, count, out } = task;
    const predicted = await readPredictions(task);
    if (predicted === undefined) throw new Error(`${out} was not written`);
    task.networks.forEach((_, k) => {
      const images = predicted.subarray(k * count, (k + 1) * count);
      get(joined, split).set(images, (row + k) * countOf(split) + first);
    });
  }
  let row = 0;
  return Object.fromEntries(
    Object.entries(groups).map(([group, members]) => {
      const [start, end] = [row, (row += members.length)];
      const rows = wanted.map((split) => {
        const count = countOf(split);
        return [split, get(joined, split).subarray(start * count, end * count)] as const;
      });
      return [group, Object.fromEntries(rows)];
    }),
  );
}

/** Runs the jobs whose files are missing. Reports progress in networks. */
export async function predictMissing(
  context: ReadingContext<StageContext>,
  tasks: readonly PredictJob[],
  missing: readonly PredictJob[],
  item: ProgressItem = progressItem("predict"),
): Promise<void> {
  if (missing.length === 0) return;
  const images = (of: readonly PredictJob[]) => of.reduce((sum, task) => sum + task.networks.length * task.count, 0);
  const total = images(tasks);
  const networks = new Set(tasks.flatMap((task) => task.networks.map(({ file, row }) => `${file} ${row}`))).size;
  let done = total - images(missing);
  await predictAll({
    recipe: context.recipe,
    paths: context.paths,
    task: context.task,
    tasks: missing,
    images: total - done,
    signal: context.signal,
    async onImages(more) {
      done += more;
      await context.progress(item, Math.round((done / total) * networks), networks);
      throwIfAborted(context.signal);
    },
  });
  throwIfAborted(context.signal);
}
