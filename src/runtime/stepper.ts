/**
 * A program with state: flat vectors that each step replaces by new values. Several steps are one
 * run of a graph that loops, because ONNX Runtime's binding for Node copies all state for every
 * run: 2.5 to 3 ns a number, a third of a small network's training step. With WebGPU the state
 * stays in the GPU's memory instead.
 */
import { type ArrayOf, at, type DType, sizeOf, type Tensor } from "../graph/index.ts";
import type { Device } from "./device.ts";
import { compile, type Feeds } from "./program.ts";
import { inProcess, onDevice } from "./state-memory.ts";
import { nameOf, type StateSlot, type StepGraphOptions, stepGraph, TRIPS } from "./step-graph.ts";

/** A compiled step and its state. */
export interface Stepper<Slot extends string, Output extends string> {
  /** The most steps of one run. */
  readonly maxSteps: number;
  /** Steps that the next `run` does. */
  readonly queued: number;
  /** Copies the inputs of one more step of the next `run`. */
  queue(feeds: Feeds): void;
  /**
   * Does the queued steps, one after another.
   * @returns the outputs of each step; the next run overwrites them.
   */
  run(): Promise<Record<Output, Float32Array>[]>;
  /** A copy of a state vector as it is now. */
  read(slot: Slot): Promise<Float32Array>;
  /** Sets a state vector. */
  write(slot: Slot, values: Float32Array): void;
  release(): Promise<void>;
}

export interface StepperOptions<Slot extends string, Output extends string> extends StepGraphOptions {
  /** float32 vectors by name; all zeros until they are written. */
  readonly state: Readonly<Record<Slot, StateSlot>>;
  readonly outputs: Readonly<Record<Output, Tensor>>;
  /** The most steps of one run. */
  readonly maxSteps: number;
  readonly device: Device;
}

const ARRAYS: { readonly [T in DType]: new (length: number) => ArrayOf[T] } = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

/** Compiles a step. */
export async function stepper<Slot extends string, Output extends string>(
  options: StepperOptions<Slot, Output>,
): Promise<Stepper<Slot, Output>> {
  const { state, outputs, fixed = {}, maxSteps, device } = options;
  const names = Object.keys(outputs) as Output[];
  const graph = stepGraph({ ...options, embed: device.name !== "cpu" });
  const slots = new Map(
    Object.entries<StateSlot>(state).map(([name, slot]) => [
      name,
      { size: sizeOf(slot.input.shape), input: nameOf(slot.input), next: `next.${name}` },
    ]),
  );
  const nextNames = [...slots.values()].map(({ next }) => next);
  const program = await compile<string>(
    {
      ...Object.fromEntries(nextNames.map((name, i) => [name, at(graph.nexts, i)])),
      ...Object.fromEntries(names.map((name, i) => [name, at(graph.outputs, i)])),
    },
    device,
    device.keepsTensors ? nextNames : [],
  );
  const results = new Map(names.map((name, i) => [name, new Float32Array(sizeOf(at(graph.outputs, i).shape))]));
  const rows = Array.from({ length: maxSteps }, (_, row) => {
    const views = [...results].map(([name, all]) => {
      const size = all.length / maxSteps;
      return [name, all.subarray(row * size, (row + 1) * size)];
    });
    return Object.fromEntries(views) as Record<Output, Float32Array>;
  });
  const fed = new Map(graph.fed.map((t) => [nameOf(t), new ARRAYS[t.dtype](sizeOf(t.shape))]));
  const trips = BigInt64Array.of(0n);
  const feeds = { ...Object.fromEntries(fed), ...fixed, ...(maxSteps > 1 && { [TRIPS]: trips }) };
  const stored = { program, slots, feeds, results: Object.fromEntries(results) };
  const memory = device.keepsTensors ? onDevice(stored, device) : inProcess(stored);
  let queued = 0;
  return {
    maxSteps,
    get queued() {
      return queued;
    },
    queue(given) {
      if (queued === maxSteps)
        throw new Error(`${maxSteps} ${maxSteps === 1 ? "step is" : "steps are"} queued already`);
      for (const [name, all] of fed) copyRow(name, { from: given[name], to: all, row: queued, rows: maxSteps });
      queued++;
    },
    async run() {
      const count = queued;
      trips[0] = BigInt(count);
      queued = 0;
      if (count === 0) return [];
      await memory.run();
      return rows.slice(0, count);
    },
    read: (slot) => memory.read(slot),
    write(slot, values) {
      const size = slots.get(slot)?.size;
      if (values.length !== size) throw new Error(`state ${slot} has ${size} elements, got ${values.length}`);
      memory.write(slot, values);
    },
    async release() {
      await memory.release();
      await program.release();
    },
  };
}

interface RowCopy {
  readonly from: ArrayOf[DType] | undefined;
  /** All rows. */
  readonly to: ArrayOf[DType];
  readonly row: number;
  readonly rows: number;
}

/** Copies one step's input into the row of all steps' inputs. */
function copyRow(name: string, { from, to, row, rows }: RowCopy): void {
  const size = to.length / rows;
  if (from === undefined) throw new Error(`input ${name} is missing`);
  if (from.length !== size) throw new Error(`input ${name} takes ${size} numbers, got ${from.length}`);
  (to as Float32Array).set(from as Float32Array, row * size);
}
