/**
 * A worker process: it opens a run, then does one job after another and reports their progress. It
 * computes what its parent would compute, and ends when its parent does.
 */

import type { Codec } from "../diffusion/index.ts";
import { Interrupted, throwIfAborted } from "../errors.ts";
import { given } from "../lookup.ts";
import { builtInParts, type Recipe, requireNetwork } from "../recipe/index.ts";
import { fileSaver, type Paths, type ProgressItem, paths, SAVE_EVERY_MS } from "../run/index.ts";
import { withOwnNetwork } from "../task-network/index.ts";
import { writeSampled } from "./audit/sampled-groups.ts";
import { trainReference } from "./collect/references.ts";
import type { TrainingContext } from "./collect/task-training.ts";
import { type GroupTrainer, groupTrainer } from "./collect/training-groups.ts";
import { stepsOf } from "./collect/whole-training.ts";
import { isOnCurve, loadTask, runKey, type TrainingTask } from "./context.ts";
import { type JobPredictor, openJobPredictor } from "./evaluate/predict.ts";
import { loadCodec } from "./fit/generator-files.ts";
import type { WorkerJob, WorkerProgress, WorkerRequest, WorkerResponse } from "./worker-messages.ts";

/** A parent that has ended hears nothing; the event "disconnect" ends this process as well. */
const respond = (message: WorkerResponse) => process.send?.(message, undefined, undefined, () => {});
const reportProgress = (progress: WorkerProgress) => void respond({ type: "progress", progress });

const stop = new AbortController();

/** The run this process works for. */
interface Opened {
  readonly recipe: Recipe;
  readonly paths: Paths;
  /** The data set and network, loaded when a job first needs them. */
  readonly task: () => Promise<TrainingTask>;
  readonly workers: number;
}
let opened: Opened | undefined;
let predictor: JobPredictor | undefined;
let trainer: GroupTrainer | undefined;
let codec: Codec | undefined;

function open(folder: string, recipe: Recipe, workers: number): Opened {
  const p = paths(folder);
  const own = requireNetwork(withOwnNetwork(recipe, p), "to work");
  let task: Promise<TrainingTask> | undefined;
  return { recipe: own, paths: p, task: () => (task ??= loadTask(own)), workers };
}

async function work(job: WorkerJob): Promise<void> {
  const { recipe, paths: p, task: load, workers } = given(opened);
  const report = throttled(reportProgress);
  if (job.kind === "predict") {
    predictor ??= await openJobPredictor(recipe, p, await load());
    return predictor.run(job.job, (more) => {
      throwIfAborted(stop.signal);
      reportProgress({ kind: "images", more });
    });
  }
  if (job.kind === "draw") {
    const setting = { recipe, paths: p, parts: builtInParts, signal: stop.signal, key: runKey(recipe) };
    codec ??= (await loadCodec(setting)).codec;
    const progress = async (_: ProgressItem, done: number, total: number) => report({ kind: "draws", done, total });
    return writeSampled({ ...setting, progress }, codec, job);
  }
  const task = await load();
  const context: TrainingContext = {
    recipe,
    paths: p,
    signal: stop.signal,
    key: runKey(recipe),
    task: load,
    saver: (path) => fileSaver(path, SAVE_EVERY_MS),
    // The parent reports the same notes for its own jobs.
    progress: async () => {},
    note: async () => {},
    warn: async () => {},
  };
  if (job.kind === "reference") {
    const last = stepsOf(recipe, task);
    return trainReference(context, task, job.reference, {
      processes: workers + 1,
      onStep: (done, loss) => {
        if (isOnCurve(done, last)) reportProgress({ kind: "steps", done, losses: [loss] });
      },
    });
  }
  trainer ??= groupTrainer(context, task, workers);
  const { steps } = trainer;
  const losses = await trainer.train(job.group, (done, each) => {
    if (done < steps) report({ kind: "steps", done, losses: each });
  });
  reportProgress({ kind: "steps", done: steps, losses });
}

/** Milliseconds between two reports of steps, of which there may be thousands a second. */
const REPORT_EVERY_MS = 100;

function throttled(report: (progress: WorkerProgress) => void): (progress: WorkerProgress) => void {
  let last = 0;
  return (progress) => {
    const now = performance.now();
    if (now - last < REPORT_EVERY_MS) return;
    last = now;
    report(progress);
  };
}

async function handle(request: Exclude<WorkerRequest, { type: "stop" }>): Promise<void> {
  if (request.type === "open") opened = open(request.folder, request.recipe, request.workers);
  else await work(request.job);
  respond({ type: "ready" });
}

process.on("message", (request: WorkerRequest) => {
  if (request.type === "stop") return stop.abort();
  handle(request).catch((error: Error & { code?: string }) => {
    if (error instanceof Interrupted) respond({ type: "stopped" });
    else respond({ type: "failed", message: error.message, ...(error.code !== undefined && { code: error.code }) });
  });
});
process.on("disconnect", () => process.exit(0));
// These signals reach every process of a terminal; the parent decides when this one ends.
for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => {});
