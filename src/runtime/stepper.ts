/**
 * A program with state: flat vectors that each run replaces by new values. Two arrays hold every vector; a step reads
 * one and writes the other, then they change places, so that nothing is allocated from step to step.
 */
import { sizeOf, type Tensor } from "../graph/index.ts";
import type { Device } from "./device.ts";
import { compile, type Data, type Feeds } from "./program.ts";

/** One vector of state: where the graph reads it and the tensor that is its next value. */
export interface StateSlot {
  readonly input: Tensor;
  readonly next: Tensor;
}

/** A compiled step and its state. */
export interface Stepper<Slot extends string, Output extends string> {
  /** One step. The arrays returned are overwritten by the next step. */
  step(feeds: Feeds): Promise<Record<Output, Data>>;
  /** A copy of a state vector as it is now. */
  read(slot: Slot): Float32Array;
  /** Sets a state vector. */
  write(slot: Slot, values: Float32Array): void;
  release(): Promise<void>;
}

/**
 * Compiles a step.
 * @param state float32 vectors by name; all zeros until written.
 * @param outputs what a step returns besides, by name (different from the names of the state).
 */
export async function stepper<Slot extends string, Output extends string>(
  state: Readonly<Record<Slot, StateSlot>>,
  outputs: Readonly<Record<Output, Tensor>>,
  device: Device,
): Promise<Stepper<Slot, Output>> {
  const slots = Object.keys(state) as Slot[];
  const nextName = (slot: Slot) => `next.${slot}`;
  const inputName = (slot: Slot) => {
    const { source } = state[slot].input;
    if (source.kind !== "input") throw new Error(`state ${slot} is not an input`);
    return source.name;
  };
  const next = Object.fromEntries(slots.map((slot) => [nextName(slot), state[slot].next])) as Record<string, Tensor>;
  const program = await compile<string>({ ...next, ...outputs }, device);
  const zeros = (slot: Slot) => new Float32Array(sizeOf(state[slot].input.shape));
  const generations = [0, 1].map(
    () => Object.fromEntries(slots.map((slot) => [slot, zeros(slot)])) as Record<Slot, Float32Array>,
  );
  const results = Object.fromEntries(
    (Object.keys(outputs) as Output[]).map((name) => {
      const { shape, dtype } = outputs[name];
      const array =
        dtype === "float32"
          ? Float32Array
          : dtype === "int32"
            ? Int32Array
            : dtype === "int64"
              ? BigInt64Array
              : Uint8Array;
      return [name, new array(sizeOf(shape))];
    }),
  ) as Record<Output, Data>;
  // The feeds and fetches of both directions are made once.
  const reads = generations.map((vectors) => Object.fromEntries(slots.map((slot) => [inputName(slot), vectors[slot]])));
  const writes = generations.map((vectors) => ({
    ...Object.fromEntries(slots.map((slot) => [nextName(slot), vectors[slot]])),
    ...results,
  }));
  let now = 0;
  return {
    async step(feeds) {
      await program.run({ ...feeds, ...reads[now] }, writes[1 - now]);
      now = 1 - now;
      return results;
    },
    read: (slot) => generations[now]![slot].slice(),
    write(slot, values) {
      const vector = generations[now]![slot];
      if (values.length !== vector.length)
        throw new Error(`state ${slot} has ${vector.length} elements, got ${values.length}`);
      vector.set(values);
    },
    release: () => program.release(),
  };
}
