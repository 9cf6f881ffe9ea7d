/**
 * The task that evaluation is made of: some checkpoint files and some images in, one file of predictions out. It reads and
 * writes only named files of the run, so it can run anywhere, in any order, and twice.
 */
import { readFile } from "node:fs/promises";

import { sliceSplit } from "../data/index.ts";
import { type Evaluator, evaluator } from "../evaluation/index.ts";
import { writeAtomic } from "../files/index.ts";
import { readBase, readCheckpoint, type Task } from "./context.ts";
import type { Recipe } from "./recipe.ts";
import type { Paths } from "./run-folder.ts";

export interface JudgeTask {
  readonly files: readonly string[];
  readonly split: "selection" | "test";
  /** Which images of the split: so many from the first on. */
  readonly first: number;
  readonly count: number;
  /** Where the predictions go: uint16, `[files, count]`. */
  readonly out: string;
}

export interface Judge {
  /** Does a task. `onImages` hears how many images more have been classified, and may throw to stop. */
  run(task: JudgeTask, onImages: (more: number) => void | Promise<void>): Promise<void>;
  release(): Promise<void>;
}

/** Prepares the network of a run for evaluation. */
export async function openJudge(recipe: Recipe, p: Paths, { data, network, chosen }: Task): Promise<Judge> {
  const { batch } = recipe.evaluate;
  const whole = chosen.size === network.layout.size;
  const frozen = whole ? new Map<string, Float32Array>() : await readBase(p);
  const judge: Evaluator = await evaluator({
    logits: network.logits(batch),
    batch,
    chosen,
    frozen,
    device: recipe.device,
  });
  return {
    async run({ files, split, first, count, out }, onImages) {
      const checkpoints = await Promise.all(files.map((file) => readCheckpoint(file, chosen)));
      const predicted = await judge.predict(data, sliceSplit(data[split], first, count), checkpoints, onImages);
      await writeAtomic(out, new Uint8Array(predicted.buffer));
    },
    release: () => judge.release(),
  };
}

/** Predictions that a task wrote, `[networks, images]`; undefined where they are not there or not whole. */
export async function readPredictions(path: string, length: number): Promise<Uint16Array | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes?.length === 2 * length
    ? new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    : undefined;
}
