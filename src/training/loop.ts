/** The loop around a trainer: learning rate, progress, snapshots now and then, and stopping when asked. */
import { Interrupted, UserError } from "../errors.ts";
import type { Schedule } from "../nn/index.ts";
import type { Key } from "../random/index.ts";
import type { Feeds } from "../runtime/index.ts";
import { type NoiseSource, noiseSource } from "./noise.ts";
import type { Snapshot, Trainer } from "./trainer.ts";

/** Where a loop keeps its snapshots. When it saves has no influence on what it computes. */
export interface Saver {
  /** The last snapshot, if there is one. */
  load(): Promise<Snapshot | undefined>;
  /** Whether it is time for another. */
  due(): boolean;
  save(snapshot: Snapshot): Promise<void>;
}

export interface LoopOptions {
  readonly trainer: Trainer;
  readonly steps: number;
  readonly lr: Schedule;
  /** The key of what the network itself draws at each step (dropout, noise). */
  readonly noise: Key;
  /** What step `step` (from 0) is fed. A function of the step alone; steps are asked for one after the other. */
  feeds(step: number): Feeds | Promise<Feeds>;
  readonly saver?: Saver | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called for each step with the number of steps done, that step's loss, of several networks the mean, and the loss of each.
   * The trainer may be some steps ahead, but where `watched` says.
   */
  onStep?(done: number, loss: number, losses: readonly number[]): void | Promise<void>;
  /** Whether `onStep` reads the trainer's state after so many steps; never by default. */
  watched?(done: number): boolean;
}

/**
 * Trains from the trainer's state, or from the saver's last snapshot, up to `steps`.
 * @throws Interrupted after saving, when the signal aborts before the last step.
 * @throws UserError `E_RUN` when the loss is no longer a number.
 */
export async function train(options: LoopOptions): Promise<void> {
  const { trainer, steps, noise, saver } = options;
  const snapshot = await saver?.load();
  if (snapshot !== undefined) trainer.restore(snapshot);
  // As many steps ahead as will be done at once, so that the next ones are ready when those under way are done.
  const source = noiseSource({ kinds: trainer.noise, key: noise, steps, ahead: trainer.most });
  try {
    await steppedOn(options, source);
  } finally {
    await source.close();
  }
}

/** A run of several steps can neither be stopped nor tell of its progress on the way, so it takes no longer than this. */
const SECONDS_AT_ONCE = 3;

/** How many steps are a run, when a step takes so long. */
export const stepsInRun = (seconds: number, { most }: Pick<Trainer, "most">): number =>
  Math.max(1, Math.min(most, Math.floor(SECONDS_AT_ONCE / seconds)));

async function steppedOn(options: LoopOptions, noise: NoiseSource): Promise<void> {
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
    const made = await trainer.advance();
    atOnce = stepsInRun((performance.now() - began) / 1000 / made.length, trainer);
    for (const [i, losses] of made.entries()) {
      const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
      const done = from + i + 1;
      if (!Number.isFinite(loss)) {
        throw new UserError(
          "E_RUN",
          `the loss became ${loss} at step ${done} of ${steps} (learning rate ${lr(done - 1).toPrecision(3)}); use a smaller learning rate`,
        );
      }
      await onStep?.(done, loss, losses);
    }
    if (trainer.step === steps) return; // What a finished training made is the caller's to keep.
    const stop = signal?.aborted === true;
    if (saver !== undefined && (stop || saver.due())) await saver.save(await trainer.snapshot());
    if (stop) throw new Interrupted(`stopped at step ${trainer.step} of ${steps}`);
  }
}
