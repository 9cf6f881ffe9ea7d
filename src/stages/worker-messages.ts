/** What a run's processes are sent and what they answer: pieces of work, and how these come along. */

import type { TrainingGroup } from "./collect/training-groups.ts";
import type { JudgeTask } from "./evaluate/predict.ts";

/** One of the reference networks, from 1. */
export interface Reference {
  readonly index: number;
  readonly count: number;
}

export interface JudgingTask {
  readonly kind: "judge";
  readonly task: JudgeTask;
}
export interface TrainingTask {
  readonly kind: "train";
  readonly group: TrainingGroup;
}
export interface ReferenceTask {
  readonly kind: "reference";
  readonly reference: Reference;
}

/** A piece of work that reads and writes only files of its run. */
export type WorkerTask = JudgingTask | TrainingTask | ReferenceTask;

/** What is heard of a task under way: images more that have been classified, or steps done and the last loss of each network. */
export type Told =
  | { readonly kind: "images"; readonly more: number }
  | { readonly kind: "steps"; readonly done: number; readonly losses: readonly number[] };

/** From the parent. */
export type Order =
  | { readonly type: "open"; readonly folder: string; readonly workers: number }
  | { readonly type: "task"; readonly task: WorkerTask }
  | { readonly type: "stop" };

/** To the parent. */
export type Answer =
  | { readonly type: "ready" }
  | { readonly type: "told"; readonly told: Told }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly message: string; readonly code?: string };
