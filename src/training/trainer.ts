/**
 * A network in training: the compiled step and its state. A snapshot of the state is all that is needed to go on
 * elsewhere with the same bytes.
 */
import { sizeOf, type Tensor } from "../graph/index.ts";
import { type Buffer, countOf, type Parameter } from "../nn/index.ts";
import { foldIn, type Key } from "../random/index.ts";
import { type Device, type Feeds, fedTo, type StepperOptions, stepper } from "../runtime/index.ts";
import { kindsOf, type NoiseKind } from "./noise.ts";
import { type Step, type StepOptions, trainingStep } from "./step.ts";

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
  /** What each step is fed besides the network's own inputs. */
  readonly noise: readonly NoiseKind[];
  /** The most steps that `advance` does at once. */
  readonly most: number;
  /**
   * Adds to what `advance` will do: feeds for the network's own inputs and its noise, which are copied, and the learning rate.
   */
  queue(feeds: Feeds, lr: number): void;
  /**
   * Does the steps queued.
   * @returns for each the losses before it, one for each network.
   */
  advance(): Promise<readonly (readonly number[])[]>;
  /** A copy of one state vector: `theta`, `ema`, `buffers` or an optimiser's slot. */
  read(name: string): Promise<Float32Array>;
  snapshot(): Promise<Snapshot>;
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

export interface TrainerOptions extends StepOptions {
  /** What some of the network's inputs are in every step, by name; all others are fed. */
  readonly fixed?: StepperOptions<string, string>["fixed"];
  readonly device: Device;
  /** The most steps that are done at once, by what they take in memory if not given. Nothing that is computed depends on it. */
  readonly most?: number;
}

/** Compiles the training step of a network. */
export async function trainer({ device, fixed, most, ...options }: TrainerOptions): Promise<Trainer> {
  const { traced, optimiser, ema } = options;
  const step = trainingStep(options);
  const { trainable, moving, state, loss } = step;
  const compiled = await stepper({
    ...{ state, outputs: { loss }, fixed, device },
    most: most ?? stepsAtOnce(step, fixed, device),
  });
  const names = Object.keys(state);
  const scalars = new Float32Array(optimiser.scalarCount);
  let done = 0;

  const start: Trainer["start"] = (theta, buffers) => {
    for (const name of names) compiled.write(name, new Float32Array(sizeOf(state[name]!.input.shape)));
    compiled.write("theta", theta);
    if (ema !== undefined) compiled.write("ema", theta);
    if (moving.length > 0) {
      compiled.write("buffers", buffers ?? initialBuffers(moving));
    }
    done = 0;
  };
  return {
    ...{ trainable, moving, noise: kindsOf(traced.noise), most: compiled.most },
    get step() {
      return done;
    },
    start,
    initialise(key) {
      const theta = new Float32Array(sizeOf(state.theta!.input.shape));
      let offset = 0;
      for (const p of trainable) {
        const size = sizeOf(p.shape);
        theta.set(p.initialise(foldIn(key, p.name), size), offset);
        offset += size;
      }
      start(theta);
    },
    queue(feeds, lr) {
      scalars.set(optimiser.scalars(done + compiled.queued + 1, lr));
      compiled.queue({ ...feeds, scalars });
    },
    async advance() {
      const made = await compiled.run();
      done += made.length;
      return made.map((outputs) => Array.from(outputs.loss));
    },
    read: (name) => compiled.read(name),
    async snapshot() {
      const vectors: Record<string, Float32Array> = {};
      for (const name of names) vectors[name] = await compiled.read(name);
      return { step: done, vectors };
    },
    restore(snapshot) {
      for (const name of names) {
        const values = snapshot.vectors[name];
        if (values?.length !== sizeOf(state[name]!.input.shape)) throw new Error(`the snapshot does not fit: ${name}`);
        compiled.write(name, values);
      }
      done = snapshot.step;
    },
    release: () => compiled.release(),
  };
}

/** What one run of several steps keeps to: its steps, the bytes that it is fed, and those of the state, which it holds twice more. */
const AT_ONCE = { steps: 16, fed: 2 ** 26, state: 2 ** 28 };

/** How many steps may be one run: as many as fit in memory with what they are fed. */
function stepsAtOnce({ state, loss }: Step, fixed: TrainerOptions["fixed"], { name }: Device): number {
  const bytes = (all: readonly Tensor[]) => all.reduce((sum, t) => sum + 4 * sizeOf(t.shape), 0);
  // With WebGPU the state stays on the device, and loops would run on the CPU.
  if (name === "webgpu" || bytes(Object.values(state).map((slot) => slot.input)) > AT_ONCE.state) return 1;
  const fed = bytes(fedTo({ state, outputs: { loss }, fixed }));
  return Math.max(1, Math.min(AT_ONCE.steps, Math.floor(AT_ONCE.fed / fed)));
}
