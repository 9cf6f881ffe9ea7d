/**
 * Training: the graph of a loss becomes one compiled step (forward, backward, optimiser, moving average), whose state
 * is a few flat vectors. A snapshot of them is all that is needed to go on elsewhere with the same bytes.
 */
import {
  add,
  constant,
  gradients,
  input,
  mul,
  pack,
  reshape,
  rewrite,
  sizeOf,
  type Tensor,
  unpack,
} from "../graph/index.ts";
import { asSlices, countOf, type Noise, type Optimiser, type Parameter, type Traced } from "../nn/index.ts";
import { fold, type Key } from "../random/index.ts";
import { type Data, type Device, type Feeds, stepper } from "../runtime/index.ts";

/** The state of a training run after `step` steps. */
export interface Snapshot {
  readonly step: number;
  /** `theta`, the optimiser's slots, `ema` and `buffers` where there are such. */
  readonly vectors: Readonly<Record<string, Float32Array>>;
}

export interface TrainerOptions<Output extends string> {
  /** A traced network with its loss, a scalar, and whatever else a step should return. */
  traced: Traced<{ loss: Tensor } & Record<Output, Tensor>>;
  optimiser: Optimiser;
  /** Decay of the exponential moving average of the parameters; none is kept when absent. */
  ema?: number | undefined;
  /** Values of the parameters that do not train; all others do. */
  frozen?: ReadonlyMap<string, Float32Array>;
  device: Device;
}

/** A network in training. */
export interface Trainer<Output extends string> {
  /** What trains, in the order in which `theta` holds it. */
  readonly trainable: readonly Parameter[];
  /** Steps done. */
  readonly step: number;
  /** Sets the state to freshly drawn parameters. */
  initialise(key: Key): void;
  /** Sets trained parameters, as one flat vector, and the running statistics where there are any; everything else to zero. */
  start(theta: Float32Array, buffers?: Float32Array): void;
  /** One step: feeds for the graph's own inputs, the learning rate, and the key of this run's noise. */
  advance(feeds: Feeds, lr: number, noise: Key): Promise<Record<Output | "loss", Data>>;
  /** A copy of one state vector: `theta`, `ema`, `buffers` or an optimiser's slot. */
  read(name: string): Float32Array;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  release(): Promise<void>;
}

/** Compiles the training step of a network. */
export async function trainer<Output extends string = never>({
  traced,
  optimiser,
  ema,
  frozen = new Map(),
  device,
}: TrainerOptions<Output>): Promise<Trainer<Output>> {
  const trainable = traced.parameters.filter((p) => !frozen.has(p.name));
  const count = countOf(trainable);
  const theta = input("theta", [count]);
  const lrScalars = input("scalars", [optimiser.scalarCount]);
  const slots = Object.fromEntries(optimiser.slots.map((slot) => [slot, input(`slot.${slot}`, [count])]));
  const statistics = traced.buffers.length === 0 ? undefined : input("buffers", [countOf(traced.buffers)]);

  // The leaves of the traced graph become slices of the flat vectors, and frozen ones constants.
  const leaves = new Map([
    ...asSlices(trainable, theta),
    ...(statistics === undefined ? [] : asSlices(traced.buffers, statistics)),
    ...traced.parameters.flatMap((p) =>
      frozen.has(p.name) ? [[p.leaf, constant(frozen.get(p.name)!, p.shape)] as const] : [],
    ),
  ]);
  const { loss, ...others } = traced.outputs;
  const outputNames = Object.keys(others) as Output[];
  const results = rewrite(
    [loss, ...outputNames.map((name) => traced.outputs[name]), ...traced.buffers.map((b) => b.next)],
    leaves,
  );
  const gradient = pack(
    gradients(
      results[0]!,
      trainable.map((p) => leaves.get(p.leaf)!),
    ),
  );
  const scalars = unpack(
    lrScalars,
    Array.from({ length: optimiser.scalarCount }, () => []),
  );
  const updated = optimiser.update(theta, gradient, slots, scalars);

  const state: Record<string, { input: Tensor; next: Tensor }> = { theta: { input: theta, next: updated.theta } };
  for (const slot of optimiser.slots) state[slot] = { input: slots[slot]!, next: updated.slots[slot]! };
  if (statistics !== undefined)
    state.buffers = { input: statistics, next: pack(results.slice(1 + outputNames.length)) };
  if (ema !== undefined) {
    const average = input("ema", [count]);
    state.ema = { input: average, next: add(mul(average, ema), mul(updated.theta, 1 - ema)) };
  }
  const outputs = Object.fromEntries([
    ["loss", reshape(results[0]!, [1])],
    ...outputNames.map((name, i) => [name, results[i + 1]!]),
  ]);
  const compiled = await stepper(state, outputs as Record<Output | "loss", Tensor>, device);
  const noiseOf = ({ name, leaf, draw }: Noise, key: Key) => draw(fold(key, name), sizeOf(leaf.shape));
  const names = Object.keys(state);
  let step = 0;

  const start: Trainer<Output>["start"] = (values, buffers) => {
    for (const name of names) compiled.write(name, new Float32Array(sizeOf(state[name]!.input.shape)));
    compiled.write("theta", values);
    if (ema !== undefined) compiled.write("ema", values);
    if (statistics !== undefined) {
      compiled.write(
        "buffers",
        buffers ?? Float32Array.from(traced.buffers.flatMap((b) => Array<number>(sizeOf(b.shape)).fill(b.initial))),
      );
    }
    step = 0;
  };
  const scalarData = new Float32Array(optimiser.scalarCount);
  return {
    trainable,
    get step() {
      return step;
    },
    start,
    initialise(key) {
      const values = new Float32Array(count);
      let offset = 0;
      for (const p of trainable) {
        const size = sizeOf(p.shape);
        values.set(p.initialise(fold(key, p.name), size), offset);
        offset += size;
      }
      start(values);
    },
    async advance(feeds, lr, noise) {
      scalarData.set(optimiser.scalars(step + 1, lr));
      const drawn = Object.fromEntries(traced.noise.map((n) => [n.name, noiseOf(n, fold(noise, step))]));
      const result = await compiled.step({ ...feeds, ...drawn, scalars: scalarData });
      step++;
      return result;
    },
    read: (name) => compiled.read(name),
    snapshot: () => ({ step, vectors: Object.fromEntries(names.map((name) => [name, compiled.read(name)])) }),
    restore(snapshot) {
      for (const name of names) {
        const values = snapshot.vectors[name];
        if (values === undefined) throw new Error(`the snapshot lacks ${name}`);
        compiled.write(name, values);
      }
      step = snapshot.step;
    },
    release: () => compiled.release(),
  };
}
