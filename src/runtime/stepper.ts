/**
 * A program with state: flat vectors that each step replaces by new values. Two arrays hold every
 * vector; a run reads one and writes the other, then they change places, so that nothing is
 * allocated here from run to run. Several steps are one run of a graph that loops: ONNX Runtime's
 * binding for Node copies all state for every run, 2.5 to 3 ns a number, a third of a small
 * network's training step. With WebGPU the state stays in the GPU's memory instead.
 */
import {
  type ArrayOf,
  add,
  constant,
  type DType,
  gather,
  greater,
  input,
  leaves,
  loop,
  oneHot,
  reshape,
  rewrite,
  sizeOf,
  type Tensor,
  where,
} from "../graph/index.ts";
import type { Data, Device, DeviceTensor } from "./device.ts";
import { compile, type Feeds } from "./program.ts";

/** One vector of state: where the graph reads it and the tensor that is its next value. */
export interface StateSlot {
  readonly input: Tensor;
  readonly next: Tensor;
}

/** A compiled step and its state. */
export interface Stepper<Slot extends string, Output extends string> {
  /** The most steps of one run. */
  readonly most: number;
  /** Steps that the next `run` does. */
  readonly queued: number;
  /** Copies what the next step is fed; it is done by the next `run`. */
  queue(feeds: Feeds): void;
  /**
   * Does the steps queued, one after another.
   * @returns what each made besides the state; overwritten by the next run.
   */
  run(): Promise<Record<Output, Float32Array>[]>;
  /** A copy of a state vector as it is now. */
  read(slot: Slot): Promise<Float32Array>;
  /** Sets a state vector. */
  write(slot: Slot, values: Float32Array): void;
  release(): Promise<void>;
}

export interface StepperOptions<Slot extends string, Output extends string> {
  /** float32 vectors by name; all zeros until written. */
  readonly state: Readonly<Record<Slot, StateSlot>>;
  /**
   * float32 tensors that a step returns besides, by name (different from the names of the state).
   */
  readonly outputs: Readonly<Record<Output, Tensor>>;
  /** What some inputs are in every step, by name; it is not copied. */
  readonly fixed?: Readonly<Record<string, Float32Array | Int32Array>> | undefined;
  /** The most steps of one run. */
  readonly most: number;
  readonly device: Device;
}

/** The inputs that are fed anew for each step. */
export function fedTo<Slot extends string, Output extends string>({
  state,
  outputs,
  fixed = {},
}: Pick<StepperOptions<Slot, Output>, "state" | "outputs" | "fixed">): readonly Tensor[] {
  const slots = Object.values<StateSlot>(state);
  const kept = new Set([...slots.map((slot) => nameOf(slot.input)), ...Object.keys(fixed)]);
  return inputsOf([...slots.map(({ next }) => next), ...Object.values<Tensor>(outputs)]).filter(
    (t) => !kept.has(nameOf(t)),
  );
}

/** Compiles a step. */
export async function stepper<Slot extends string, Output extends string>({
  state,
  outputs,
  fixed = {},
  most,
  device,
}: StepperOptions<Slot, Output>): Promise<Stepper<Slot, Output>> {
  const slots = Object.keys(state) as Slot[];
  const names = Object.keys(outputs) as Output[];
  const nextName = (slot: Slot) => `next.${slot}`;
  const graph = graphOf({ state, outputs, fixed, most, device });
  const program = await compile<string>(
    {
      ...Object.fromEntries(slots.map((slot, i) => [nextName(slot), graph.nexts[i]!])),
      ...Object.fromEntries(names.map((name, i) => [name, graph.outputs[i]!])),
    },
    device,
    device.keepsTensors ? slots.map(nextName) : [],
  );
  const results = Object.fromEntries(graph.outputs.map((t, i) => [names[i], new Float32Array(sizeOf(t.shape))]));
  const rows = Array.from({ length: most }, (_, row) => {
    const views = names.map((name) => {
      const size = sizeOf(outputs[name].shape);
      return [name, results[name]!.subarray(row * size, (row + 1) * size)];
    });
    return Object.fromEntries(views) as Record<Output, Float32Array>;
  });
  const fed = new Map(graph.fed.map((t) => [nameOf(t), new ARRAYS[t.dtype](sizeOf(t.shape))]));
  const trips = BigInt64Array.of(0n);
  const feeds = { ...Object.fromEntries(fed), ...fixed, ...(most > 1 && { [TRIPS]: trips }) };
  const sizes = new Map(slots.map((slot) => [slot, sizeOf(state[slot].input.shape)]));
  const memory = { program, slots, sizes, nameOf: (slot: Slot) => nameOf(state[slot].input), nextName, feeds, results };
  const held = device.keepsTensors ? onDevice({ ...memory, device }) : inProcess(memory);
  let queued = 0;
  return {
    most,
    get queued() {
      return queued;
    },
    queue(given) {
      if (queued === most) throw new Error(`${most} steps are queued already`);
      for (const [name, rowsOf] of fed) {
        const size = rowsOf.length / most;
        const data = given[name];
        if (data === undefined) throw new Error(`input ${name} is missing`);
        if (data.length !== size) throw new Error(`input ${name} takes ${size} numbers, got ${data.length}`);
        (rowsOf as Float32Array).set(data as Float32Array, queued * size);
      }
      queued++;
    },
    async run() {
      const count = queued;
      trips[0] = BigInt(count);
      queued = 0;
      if (count === 0) return [];
      await held.run();
      return rows.slice(0, count);
    },
    read: (slot) => held.read(slot),
    write(slot, values) {
      const size = sizes.get(slot)!;
      if (values.length !== size) throw new Error(`state ${slot} has ${size} elements, got ${values.length}`);
      held.write(slot, values);
    },
    async release() {
      await held.release();
      await program.release();
    },
  };
}

/** What holds the state between runs. */
interface Memory<Slot extends string> {
  /** Runs the program on the state and keeps the state after it. */
  run(): Promise<void>;
  read(slot: Slot): Promise<Float32Array>;
  write(slot: Slot, values: Float32Array): void;
  release(): Promise<void>;
}

interface MemoryOptions<Slot extends string> {
  readonly program: Awaited<ReturnType<typeof compile<string>>>;
  readonly slots: readonly Slot[];
  /** Elements of each vector. */
  readonly sizes: ReadonlyMap<Slot, number>;
  /** The input from which the program reads a vector, and the output that is its next value. */
  nameOf(slot: Slot): string;
  nextName(slot: Slot): string;
  /** Everything else that the program is fed; the arrays are the same in every run. */
  readonly feeds: Feeds;
  /** Where the program's other outputs are written. */
  readonly results: Readonly<Record<string, Float32Array>>;
}

/** State in arrays of this process. The feeds and fetches of both directions are made once. */
function inProcess<Slot extends string>(options: MemoryOptions<Slot>): Memory<Slot> {
  const { program, slots, sizes, nameOf, nextName, feeds, results } = options;
  const generations = [0, 1].map(
    () =>
      Object.fromEntries(slots.map((slot) => [slot, new Float32Array(sizes.get(slot)!)])) as Record<Slot, Float32Array>,
  );
  const reads = generations.map((vectors) => ({
    ...feeds,
    ...Object.fromEntries(slots.map((slot) => [nameOf(slot), vectors[slot]])),
  }));
  const writes = generations.map((vectors) => ({
    ...Object.fromEntries(slots.map((slot) => [nextName(slot), vectors[slot]])),
    ...results,
  }));
  let now = 0;
  return {
    async run() {
      await program.run(reads[now]!, writes[1 - now]);
      now = 1 - now;
    },
    read: async (slot) => generations[now]![slot].slice(),
    write: (slot, values) => generations[now]![slot].set(values),
    release: async () => {},
  };
}

/**
 * State in the memory of a GPU. It is copied there when it was written, and back only to be read.
 */
function onDevice<Slot extends string>(options: MemoryOptions<Slot> & { readonly device: Device }): Memory<Slot> {
  const { program, slots, sizes, nameOf, nextName, feeds, results, device } = options;
  const now = new Map<Slot, Data | DeviceTensor>(slots.map((slot) => [slot, new Float32Array(sizes.get(slot)!)]));
  const readers = new Map<number, ReturnType<typeof compile<"out">>>();
  const free = (slot: Slot) => {
    const value = now.get(slot)!;
    if ("dispose" in value) value.dispose();
  };
  return {
    async run() {
      const state = slots.map((slot) => [nameOf(slot), now.get(slot)!] as const);
      const { arrays, tensors } = await program.runOnDevice({ ...feeds, ...Object.fromEntries(state) });
      for (const slot of slots) {
        free(slot);
        now.set(slot, tensors[nextName(slot)]!);
      }
      for (const [name, into] of Object.entries(results)) into.set(arrays[name] as Float32Array);
    },
    async read(slot) {
      const value = now.get(slot)!;
      if (!("dispose" in value)) return (value as Float32Array).slice();
      const size = sizes.get(slot)!;
      // The binding downloads outputs, but no tensor: a program that changes nothing does.
      const reader = readers.get(size) ?? compile({ out: add(input("in", [size]), 0) }, device);
      readers.set(size, reader);
      return (await (await reader).runOnDevice({ in: value })).arrays.out as Float32Array;
    },
    write(slot, values) {
      free(slot);
      now.set(slot, values.slice());
    },
    async release() {
      slots.forEach(free);
      for (const reader of readers.values()) await (await reader).release();
    },
  };
}

const ARRAYS: { readonly [T in DType]: new (length: number) => ArrayOf[T] } = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

/** The input that says how many steps a run does. */
const TRIPS = "trips";

function nameOf({ source }: Tensor): string {
  if (source.kind !== "input") throw new Error("state is fed through inputs");
  return source.name;
}

const inputsOf = (made: readonly Tensor[]) => leaves(made).filter((t) => t.source.kind === "input");

/**
 * A graph of up to `most` steps: the states after them, what each made besides `[most, …]`, and
 * what it is fed likewise.
 */
function graphOf<Slot extends string, Output extends string>({
  state,
  outputs,
  fixed = {},
  most,
  device,
}: StepperOptions<Slot, Output>) {
  const slots = Object.values<StateSlot>(state);
  const now = slots.map((slot) => slot.input);
  const computed = [...slots.map(({ next }) => next), ...Object.values<Tensor>(outputs)];
  const fed = fedTo({ state, outputs, fixed });
  const lasting = inputsOf(computed).filter((t) => nameOf(t) in fixed);
  // Every run copies its inputs to the memory of a device of its own, constants are there for good.
  const made =
    device.name === "cpu"
      ? computed
      : rewrite(computed, new Map(lasting.map((t) => [t, constant(fixed[nameOf(t)]!, t.shape)])));
  const parts = (all: readonly Tensor[]) => ({ nexts: all.slice(0, slots.length), outputs: all.slice(slots.length) });
  if (most === 1) return { ...parts(made), fed };
  const stacks = fed.map((t) => input(nameOf(t), [most, sizeOf(t.shape)], t.dtype));
  const rows = made.slice(slots.length).map(({ shape }) => zeros([most, ...shape]));
  const after = loop(
    [...now, ...rows],
    { trips: input(TRIPS, [], "int64"), captured: [...stacks, ...lasting] },
    (index, states, captured) => {
      const here = new Map(now.map((t, i) => [t, states[i]!]));
      fed.forEach((t, i) => {
        here.set(t, reshape(gather(captured[i]!, reshape(index, [1])), t.shape));
      });
      lasting.forEach((t, i) => {
        here.set(t, captured[stacks.length + i]!);
      });
      const { nexts, outputs: values } = parts(rewrite(made, here));
      const isRow = greater(oneHot(reshape(index, [1]), most), 0);
      const kept = values.map((value, i) => {
        const old = states[slots.length + i]!;
        return where(reshape(isRow, [most, ...value.shape.map(() => 1)]), value, old);
      });
      return [...nexts, ...kept];
    },
  );
  return { ...parts(after), fed: stacks };
}

const zeros = (shape: readonly number[]): Tensor => constant(new Float32Array(sizeOf(shape)), shape);
