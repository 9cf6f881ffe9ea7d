/** What a run's processes are sent and what they answer: pieces of work, and how these come along. */

import type { TrainingGroup } from "./collect/training-groups.ts";
import type { PredictJob } from "./evaluate/predict.ts";

/** One of the reference networks, from 1. */
export interface Reference {
  readonly index: number;
  readonly count: number;
}

export interface PredictWork {
  readonly kind: "predict";
  readonly job: PredictJob;
}
export interface TrainWork {
  readonly kind: "train";
  readonly group: TrainingGroup;
}
export interface ReferenceWork {
  readonly kind: "reference";
  readonly reference: Reference;
}

/** A piece of work that reads and writes only files of its run. */
export type WorkerJob = PredictWork | TrainWork | ReferenceWork;

/** What is heard of a task under way: images more that have been classified, or steps done and the last loss of each network. */
export type WorkerProgress =
  | { readonly kind: "images"; readonly more: number }
  | { readonly kind: "steps"; readonly done: number; readonly losses: readonly number[] };

/** From the parent. */
export type WorkerRequest =
  | { readonly type: "open"; readonly folder: string; readonly workers: number }
  | { readonly type: "job"; readonly job: WorkerJob }
  | { readonly type: "stop" };

/** To the parent. */
export type WorkerResponse =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: WorkerProgress }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly message: string; readonly code?: string };
