/** Trains the networks of a generator on batches of rows. */
import { at } from "../lookup.ts";
import { schedule } from "../nn/index.ts";
import { foldIn, type Key, permutation } from "../random/index.ts";
import type { Device, Feeds } from "../runtime/index.ts";
import { type OpenNoise, type Saver, type StepOptions, train, trainer } from "../training/index.ts";
import type { NetworkState } from "./trained-state.ts";
import type { TrainingOptions } from "./training.ts";

/** The networks of a generator. */
export type NetworkName = "autoencoder" | "denoiser";

/** What a training needs of the run that it belongs to. */
export interface TrainingHost {
  readonly device: Device;
  /** Draws the noise of steps ahead of them, on another thread; in place by default. */
  readonly openNoise?: OpenNoise;
  /** The key of everything random in the run. */
  readonly key: Key;
  readonly signal: AbortSignal;
  /** Keeps the snapshots of a training, to continue from. */
  saver(name: NetworkName): Saver;
  /** What is called after every step of a training with the steps done and the loss. */
  reporter(name: NetworkName, steps: number): (done: number, loss: number) => Promise<void>;
}

/** A training. */
export interface Fitting {
  /** Names the training's random streams, its snapshots and its reports. */
  readonly name: NetworkName;
  readonly step: StepOptions;
  readonly training: TrainingOptions;
  /** The training set, `[count, width]`. */
  readonly rows: Float32Array;
  readonly width: number;
  /** What a step is fed, from its batch of rows `[batch, width]`. */
  feeds(batch: Float32Array, step: number, key: Key): Feeds;
  /** Which vector of the trained state is the result. */
  readonly result: "theta" | "ema";
  /** Called with the result so far after each of these numbers of steps. */
  readonly snapshots?: {
    readonly steps: readonly number[];
    /** Keeps a snapshot after `step` steps. */
    keep(step: number, state: NetworkState): Promise<void>;
  };
}

/** Row numbers of each step's batch: one shuffle of the rows after another. */
function batches(key: Key, rows: number, batch: number): (step: number) => Int32Array {
  let epoch = -1;
  let order = new Int32Array();
  return (step) =>
    Int32Array.from({ length: batch }, (_, i) => {
      const position = step * batch + i;
      const now = Math.floor(position / rows);
      if (now !== epoch) order = Int32Array.from(permutation(foldIn(key, (epoch = now)), rows));
      return at(order, position % rows);
    });
}

/** Copies rows `[…, width]` of a matrix into a batch. */
function gatherRows(from: Float32Array, width: number, rows: Int32Array, into: Float32Array): void {
  rows.forEach((row, i) => {
    into.set(from.subarray(row * width, (row + 1) * width), i * width);
  });
}

/**
 * Trains a network.
 * @throws Interrupted after saving, when the signal aborts.
 * @throws UserError `E_RUN` when the loss is no longer a number.
 */
export async function fitNetwork(host: TrainingHost, fitting: Fitting): Promise<NetworkState> {
  const { name, training, rows, width, feeds, snapshots } = fitting;
  const run = await trainer({ ...fitting.step, device: host.device });
  const read = async (): Promise<NetworkState> => ({
    theta: await run.read(fitting.result),
    buffers: run.moving.length > 0 ? await run.read("buffers") : new Float32Array(),
  });
  const isSnapshot = (done: number) => snapshots?.steps.includes(done) ?? false;
  const report = host.reporter(name, training.steps);
  try {
    const key = foldIn(host.key, name);
    run.initialise(foldIn(key, "initialise"));
    const next = batches(foldIn(key, "order"), rows.length / width, training.batch);
    const batch = new Float32Array(training.batch * width);
    await train({
      trainer: run,
      steps: training.steps,
      lr: schedule(training.schedule, training),
      noise: foldIn(key, "noise"),
      ...(host.openNoise !== undefined && { openNoise: host.openNoise }),
      feeds: (step) => {
        gatherRows(rows, width, next(step), batch);
        return feeds(batch, step, key);
      },
      saver: host.saver(name),
      signal: host.signal,
      watched: isSnapshot,
      async onStep(done, loss) {
        if (isSnapshot(done)) await snapshots?.keep(done, await read());
        await report(done, loss);
      },
    });
    return await read();
  } finally {
    await run.release();
  }
}
