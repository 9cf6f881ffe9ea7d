/**
 * A network in training: the compiled step and its state. A snapshot of the state is enough to
 * continue elsewhere, to the same bytes.
 */
import { sizeOf, type Tensor } from "../graph/index.ts";
import { type Buffer, countOf, type Parameter } from "../nn/index.ts";
import { foldIn, type Key, type NoiseKind } from "../random/index.ts";
import { type Device, type Feeds, type StepperOptions, stepInputs, stepper } from "../runtime/index.ts";
import { kindsOf } from "./noise.ts";
import { type Step, type StepOptions, trainingStep } from "./step.ts";

/** The state of a training run after `step` steps. */
export interface Snapshot {
  readonly step: number;
  /** `theta`, the optimiser's slots, and `ema` and `buffers` if the training has them. */
  readonly vectors: Readonly<Record<string, Float32Array>>;
}

/** A compiled training step and its state. */
export interface Trainer {
  /** The parameters that train, in their order in `theta`. */
  readonly trainable: readonly Parameter[];
  /** The running statistics, in their order in `buffers`. */
  readonly moving: readonly Buffer[];
  /** Number of steps done. */
  readonly step: number;
  /** Starts from freshly drawn parameters. */
  initialise(key: Key): void;
  /**
   * Starts from given parameters, as one flat vector, and running statistics; all else is zero.
   * @param buffers the layers' initial statistics by default.
   */
  start(theta: Float32Array, buffers?: Float32Array): void;
  /** The noise that each step is fed besides the network's own inputs. */
  readonly noise: readonly NoiseKind[];
  /** The most steps in one run of the graph. */
  readonly most: number;
  /**
   * Queues a step for `advance`.
   * @param feeds the network's inputs and its noise, which are copied.
   */
  queue(feeds: Feeds, lr: number): void;
  /**
   * Runs the queued steps.
   * @returns for each step the losses before it, one for each network.
   */
  advance(): Promise<readonly (readonly number[])[]>;
  /** A copy of one state vector: `theta`, `ema`, `buffers` or an optimiser's slot. */
  read(name: string): Promise<Float32Array>;
  snapshot(): Promise<Snapshot>;
  /** Continues from a snapshot; throws when it belongs to another network. */
  restore(snapshot: Snapshot): void;
  release(): Promise<void>;
}

/** The initial values of running statistics, as one flat vector. */
function initialBuffers(moving: readonly Buffer[]): Float32Array {
  const all = new Float32Array(countOf(moving));
  let offset = 0;
  for (const { initial } of moving) {
    all.set(initial, offset);
    offset += initial.length;
  }
  return all;
}

/** Options of `trainer`. */
export interface TrainerOptions extends StepOptions {
  /** Inputs of the network that are the same in every step, by name; all others are fed. */
  readonly fixed?: StepperOptions<string, string>["fixed"];
  readonly device: Device;
  /**
   * The most steps in one run of the graph; by default as many as fit in memory, up to 16. It
   * changes no number.
   */
  readonly most?: number;
}

/** Compiles the training step of a network. */
export async function trainer({ device, fixed, most, ...options }: TrainerOptions): Promise<Trainer> {
  const { traced, optimiser, ema } = options;
  const step = trainingStep(options);
  const { trainable, moving, state, loss } = step;
  const compiled = await stepper({
    state,
    outputs: { loss },
    fixed,
    device,
    maxSteps: most ?? stepsAtOnce(step, fixed, device),
  });
  const names = Object.keys(state);
  const scalars = new Float32Array(optimiser.scalarCount);
  let done = 0;

  const start: Trainer["start"] = (theta, buffers) => {
    for (const [name, { input }] of Object.entries(state)) compiled.write(name, new Float32Array(sizeOf(input.shape)));
    compiled.write("theta", theta);
    if (ema !== undefined) compiled.write("ema", theta);
    if (moving.length > 0) {
      compiled.write("buffers", buffers ?? initialBuffers(moving));
    }
    done = 0;
  };
  return {
    trainable,
    moving,
    noise: kindsOf(traced.noise),
    most: compiled.maxSteps,
    get step() {
      return done;
    },
    start,
    initialise(key) {
      const theta = new Float32Array(countOf(trainable));
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
      for (const [name, { input }] of Object.entries(state)) {
        const values = snapshot.vectors[name];
        if (values?.length !== sizeOf(input.shape)) throw new Error(`the snapshot does not fit: ${name}`);
        compiled.write(name, values);
      }
      done = snapshot.step;
    },
    release: () => compiled.release(),
  };
}

/** Limits of one run of several steps. `state` is in bytes; a run holds it twice more. */
const MAX_RUN = { steps: 16, fedBytes: 2 ** 26, stateBytes: 2 ** 28 };

/** The most steps in one run of the graph, by the memory of the state and of the feeds. */
function stepsAtOnce({ state, loss }: Step, fixed: TrainerOptions["fixed"], { name }: Device): number {
  const bytes = (all: readonly Tensor[]) => all.reduce((sum, t) => sum + 4 * sizeOf(t.shape), 0);
  // With WebGPU the state stays on the device, and loops would run on the CPU.
  if (name === "webgpu" || bytes(Object.values(state).map((slot) => slot.input)) > MAX_RUN.stateBytes) return 1;
  const fed = bytes(stepInputs({ state, outputs: { loss }, fixed }));
  return Math.max(1, Math.min(MAX_RUN.steps, Math.floor(MAX_RUN.fedBytes / fed)));
}
