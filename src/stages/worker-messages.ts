/** The messages between a run and its worker processes: jobs, their progress and their end. */

import type { Recipe } from "../recipe/index.ts";
import type { TrainingGroup } from "./collect/training-groups.ts";
import type { PredictJob } from "./evaluate/predict.ts";
import type { SampledGroup } from "./sample/denoising-trajectory.ts";

/** One of the reference networks; `index` counts from 1. */
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
/** Samples to draw into a file. */
export interface DrawWork {
  readonly kind: "draw";
  readonly group: SampledGroup;
  readonly name: string;
  readonly file: string;
}

/** A piece of work that reads and writes only files of its run. */
export type WorkerJob = PredictWork | TrainWork | ReferenceWork | DrawWork;

/**
 * Progress of a job: newly classified images, steps done and the last loss of each network, or
 * steps of a sampler.
 */
export type WorkerProgress =
  | { readonly kind: "images"; readonly more: number }
  | { readonly kind: "steps"; readonly done: number; readonly losses: readonly number[] }
  | { readonly kind: "draws"; readonly done: number; readonly total: number };

/** Messages from the run to a worker. */
export type WorkerRequest =
  | {
      readonly type: "open";
      readonly folder: string;
      /** The resolved recipe, whose parts only the parent may know. */
      readonly recipe: Recipe;
      readonly workers: number;
    }
  | { readonly type: "job"; readonly job: WorkerJob }
  | { readonly type: "stop" };

/** Messages from a worker to the run. */
export type WorkerResponse =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: WorkerProgress }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly message: string; readonly code?: string };
