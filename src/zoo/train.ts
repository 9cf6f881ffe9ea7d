/** Trains a task network: all of it, or some tensors with the rest frozen. */

import { type DataSet, feed, stepsPerEpoch } from "../data/index.ts";
import { flatten, layoutOf, restrict, unflatten } from "../layout/index.ts";
import { get } from "../lookup.ts";
import { type OptimiserOptions, optimiser, type ScheduleOptions, type Scope, schedule } from "../nn/index.ts";
import { foldIn, type Key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { noiseAhead } from "../runtime-node/index.ts";
import { type Saver, type Trainer, train, trainer } from "../training/index.ts";
import type { Classifier } from "./classifier.ts";

/** Options of `trainClassifier`. */
export interface TrainOptions {
  readonly classifier: Classifier;
  readonly data: DataSet;
  /** Images in a batch. */
  readonly batch: number;
  readonly steps: number;
  /** Learning rate at the peak of the schedule. */
  readonly lr: number;
  readonly optimiser: OptimiserOptions;
  readonly schedule: ScheduleOptions;
  readonly device: Device;
  /** Decides the initial values, the order of the data and the noise. */
  readonly key: Key;
  /** The key of the initial values; derived from `key` by default. */
  readonly initialise?: Key;
  /** What batch normalisation uses; the batch's statistics by default. */
  readonly statistics?: Scope["statistics"];
  /** Values of the tensors that do not train, by name; none by default. */
  readonly frozen?: ReadonlyMap<string, Float32Array>;
  /** Initial values of the other tensors, as one flat vector; freshly drawn by default. */
  readonly start?: Float32Array;
  /** Threads that decode and augment batches ahead; none by default. They change no number. */
  readonly workers?: number;
  readonly saver?: Saver | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called for each step. Where `watched` returns true, `theta` copies the tensors that train, as
   * they are after that step.
   */
  onStep?(done: number, loss: number, theta: () => Promise<Float32Array>): void | Promise<void>;
  /** Whether `onStep` reads `theta` after `done` steps; never by default. */
  watched?(done: number): boolean;
  /** Called at the end with the share of the time spent waiting for data, from 0 to 1. */
  onWaited?(share: number): void | Promise<void>;
}

/** Converts between a trainer's vectors and one flat vector in the order of the layout. */
function stateOf({ layout }: Classifier, { trainable, moving, ...run }: Trainer) {
  const parameters = layoutOf(trainable);
  const statistics = layoutOf(moving);
  const whole = restrict(layout, new Set([...trainable, ...moving].map((d) => d.name)));
  return {
    start(flat: Float32Array): void {
      const tensors = unflatten(whole, flat);
      const part = (of: typeof whole) => flatten(of, new Map(of.entries.map((e) => [e.name, get(tensors, e.name)])));
      run.start(part(parameters), part(statistics));
    },
    async read(): Promise<Float32Array> {
      const theta = await run.read("theta");
      if (moving.length === 0) return theta;
      const tensors = [...unflatten(parameters, theta), ...unflatten(statistics, await run.read("buffers"))];
      return flatten(whole, new Map(tensors));
    },
  };
}

/**
 * Trains on the training split.
 * @returns the trained tensors and statistics as one flat vector, in the order of the layout,
 *   without the frozen ones.
 * @throws Interrupted after saving, when the signal aborts before the last step.
 */
export async function trainClassifier(options: TrainOptions): Promise<Float32Array> {
  const { classifier, data, batch, steps, key, frozen = new Map(), start, workers = 0, onStep } = options;
  const run = await trainer({
    traced: classifier.loss(batch, options.statistics),
    optimiser: optimiser(options.optimiser),
    frozen,
    device: options.device,
  });
  const batches = feed({ preparation: data, split: data.train, batch, key, steps, workers });
  try {
    const state = stateOf(classifier, run);
    if (start === undefined) run.initialise(options.initialise ?? foldIn(key, "initialise"));
    else state.start(start);
    const began = performance.now();
    await train({
      trainer: run,
      steps,
      lr: schedule(options.schedule, { lr: options.lr, steps, stepsPerEpoch: stepsPerEpoch(data.train.count, batch) }),
      noise: foldIn(key, "noise"),
      openNoise: noiseAhead,
      feeds: batches.batch,
      saver: options.saver,
      signal: options.signal,
      ...(onStep && {
        onStep: (done, loss) =>
          onStep(done, loss, () => {
            if (run.step !== done) throw new Error(`step ${done} is not watched`);
            return state.read();
          }),
      }),
      ...(options.watched && { watched: options.watched }),
    });
    await options.onWaited?.((1000 * batches.waited()) / (performance.now() - began));
    return await state.read();
  } finally {
    await batches.close();
    await run.release();
  }
}
