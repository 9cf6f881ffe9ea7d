/** The loop around a trainer: learning rate, progress, periodic snapshots, stopping on request. */
import { Interrupted, UserError } from "../errors.ts";
import type { Schedule } from "../nn/index.ts";
import type { Key } from "../random/index.ts";
import type { Feeds } from "../runtime/index.ts";
import { drawNoise, type NoiseSource, type OpenNoise } from "./noise.ts";
import type { Snapshot, Trainer } from "./trainer.ts";

/** Where a loop keeps its snapshots. When it saves changes no number. */
export interface Saver {
  /** The last snapshot; undefined when there is none. */
  load(): Promise<Snapshot | undefined>;
  /** Whether it is time for another snapshot. */
  due(): boolean;
  save(snapshot: Snapshot): Promise<void>;
}

/** Options of `train`. */
export interface LoopOptions {
  readonly trainer: Trainer;
  /** Number of steps of the whole training. */
  readonly steps: number;
  readonly lr: Schedule;
  /** The key of the noise that the network draws at each step (dropout, added noise). */
  readonly noise: Key;
  /** Draws that noise, perhaps ahead in a thread; when it is asked for by default. */
  readonly openNoise?: OpenNoise | undefined;
  /** The feeds of a step, counted from 0. They depend on the step alone; steps come in order. */
  feeds(step: number): Feeds | Promise<Feeds>;
  readonly saver?: Saver | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called for each step with the number of steps done, the mean loss, and the loss of each
   * network. The trainer may be some steps ahead, except where `watched` returns true.
   */
  onStep?(done: number, loss: number, losses: readonly number[]): void | Promise<void>;
  /** Whether `onStep` reads the trainer's state after `done` steps; never by default. */
  watched?(done: number): boolean;
}

/**
 * Trains up to `steps`, from the trainer's state or from the saver's last snapshot.
 * @throws Interrupted after saving, when the signal aborts before the last step.
 * @throws UserError `E_RUN` when the loss is not finite.
 */
export async function train(options: LoopOptions): Promise<void> {
  const { trainer, steps, noise, saver, openNoise = drawNoise } = options;
  const snapshot = await saver?.load();
  if (snapshot !== undefined) trainer.restore(snapshot);
  // One run ahead, so that the noise of the next run is ready when the current one ends.
  const source = openNoise({ kinds: trainer.noise, key: noise, steps, ahead: trainer.most });
  try {
    await runSteps(options, source);
  } finally {
    await source.close();
  }
}

/** The longest run of several steps, in seconds: until it ends, it cannot stop or show progress. */
const MAX_RUN_SECONDS = 3;

/** The number of steps in one run of the graph, when one step takes `seconds`. */
export const stepsInRun = (seconds: number, { most }: Pick<Trainer, "most">): number =>
  Math.max(1, Math.min(most, Math.floor(MAX_RUN_SECONDS / seconds)));

async function runSteps(options: LoopOptions, noise: NoiseSource): Promise<void> {
  const { trainer, steps, lr, feeds, saver, signal, onStep, watched } = options;
  let atOnce = 1;
  while (trainer.step < steps) {
    const from = trainer.step;
    let to = from;
    do {
      trainer.queue({ ...(await feeds(to)), ...(await noise.of(to)) }, lr(to));
      to++;
    } while (to < steps && to - from < atOnce && watched?.(to) !== true);
    const began = performance.now();
    const losses = await trainer.advance();
    atOnce = stepsInRun((performance.now() - began) / 1000 / losses.length, trainer);
    for (const [i, each] of losses.entries()) {
      const loss = each.reduce((a, b) => a + b, 0) / each.length;
      const done = from + i + 1;
      if (!Number.isFinite(loss)) {
        throw new UserError(
          "E_RUN",
          `the loss became ${loss} at step ${done} of ${steps} (learning rate ${lr(done - 1).toPrecision(3)}); use a smaller learning rate`,
        );
      }
      await onStep?.(done, loss, each);
    }
    if (trainer.step === steps) return; // The caller keeps the result.
    const stop = signal?.aborted === true;
    if (saver !== undefined && (stop || saver.due())) await saver.save(await trainer.snapshot());
    if (stop) throw new Interrupted(`stopped at step ${trainer.step} of ${steps}`);
  }
}
