/**
 * A network in training: the compiled step and its state. A snapshot of the state is all that is needed to go on
 * elsewhere with the same bytes.
 */
import { sizeOf } from "../graph/index.ts";
import { type Buffer, countOf, type Parameter } from "../nn/index.ts";
import { fold, type Key } from "../random/index.ts";
import { type Device, type Feeds, stepper } from "../runtime/index.ts";
import { type StepOptions, trainingStep } from "./step.ts";

/** The state of a training run after `step` steps. */
export interface Snapshot {
  readonly step: number;
  /** `theta`, the optimiser's slots, `ema` and `buffers` where there are such. */
  readonly vectors: Readonly<Record<string, Float32Array>>;
}

export interface Trainer {
  /** What trains, in the order in which `theta` holds it. */
  readonly trainable: readonly Parameter[];
  /** What moves without gradients, in the order in which `buffers` holds it. */
  readonly moving: readonly Buffer[];
  /** Steps done. */
  readonly step: number;
  /** Sets the state to freshly drawn parameters. */
  initialise(key: Key): void;
  /** Sets trained parameters, as one flat vector, and the running statistics where there are any; everything else to zero. */
  start(theta: Float32Array, buffers?: Float32Array): void;
  /**
   * One step: feeds for the network's own inputs, the learning rate, and the key of this run's noise.
   * @returns the loss before the step, of several networks the mean.
   */
  advance(feeds: Feeds, lr: number, noise: Key): Promise<number>;
  /** The losses before the last step, one for each network. */
  losses(): readonly number[];
  /** A copy of one state vector: `theta`, `ema`, `buffers` or an optimiser's slot. */
  read(name: string): Float32Array;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  release(): Promise<void>;
}

/** What running statistics begin with, one after another. */
function initialBuffers(moving: readonly Buffer[]): Float32Array {
  const all = new Float32Array(countOf(moving));
  let offset = 0;
  for (const { initial } of moving) {
    all.set(initial, offset);
    offset += initial.length;
  }
  return all;
}

/** Compiles the training step of a network. */
export async function trainer({ device, ...options }: StepOptions & { device: Device }): Promise<Trainer> {
  const { traced, optimiser, ema } = options;
  const { trainable, moving, state, loss } = trainingStep(options);
  const compiled = await stepper(state, { loss }, device);
  const names = Object.keys(state);
  const scalars = new Float32Array(optimiser.scalarCount);
  let step = 0;
  let losses: readonly number[] = [];

  const start: Trainer["start"] = (theta, buffers) => {
    for (const name of names) compiled.write(name, new Float32Array(sizeOf(state[name]!.input.shape)));
    compiled.write("theta", theta);
    if (ema !== undefined) compiled.write("ema", theta);
    if (moving.length > 0) {
      compiled.write("buffers", buffers ?? initialBuffers(moving));
    }
    step = 0;
  };
  return {
    trainable,
    moving,
    get step() {
      return step;
    },
    start,
    initialise(key) {
      const theta = new Float32Array(sizeOf(state.theta!.input.shape));
      let offset = 0;
      for (const p of trainable) {
        const size = sizeOf(p.shape);
        theta.set(p.initialise(fold(key, p.name), size), offset);
        offset += size;
      }
      start(theta);
    },
    async advance(feeds, lr, noise) {
      scalars.set(optimiser.scalars(step + 1, lr));
      const key = fold(noise, step);
      const drawn = Object.fromEntries(
        traced.noise.map((n) => [n.name, n.draw(fold(key, n.name), sizeOf(n.leaf.shape))]),
      );
      const result = await compiled.step({ ...feeds, ...drawn, scalars });
      step++;
      losses = Array.from(result.loss as Float32Array);
      return losses.reduce((a, b) => a + b, 0) / losses.length;
    },
    losses: () => losses,
    read: (name) => compiled.read(name),
    snapshot: () => ({ step, vectors: Object.fromEntries(names.map((name) => [name, compiled.read(name)])) }),
    restore(snapshot) {
      for (const name of names) {
        const values = snapshot.vectors[name];
        if (values?.length !== sizeOf(state[name]!.input.shape)) throw new Error(`the snapshot does not fit: ${name}`);
        compiled.write(name, values);
      }
      step = snapshot.step;
    },
    release: () => compiled.release(),
  };
}
