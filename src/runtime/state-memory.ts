/**
 * Where a stepper's state lies between runs: in arrays of this process, or in the memory of a GPU.
 */
import { add, input } from "../graph/index.ts";
import type { Data, Device, DeviceTensor } from "./device.ts";
import { compile, type Feeds, type Program } from "./program.ts";

/** The state between runs. */
export interface StateMemory {
  /** Runs the program on the state and keeps the state after it. */
  run(): Promise<void>;
  /** A copy of a vector. */
  read(slot: string): Promise<Float32Array>;
  /** Sets a vector, of which it makes a copy. */
  write(slot: string, values: Float32Array): void;
  release(): Promise<void>;
}

/** A vector of state. */
export interface Slot {
  /** Number of elements. */
  readonly size: number;
  /** The input from which the program reads it. */
  readonly input: string;
  /** The output that is its next value. */
  readonly next: string;
}

export interface StateMemoryOptions {
  readonly program: Program;
  readonly slots: ReadonlyMap<string, Slot>;
  /** The other inputs; the arrays are the same in every run. */
  readonly feeds: Feeds;
  /** Where the program's other outputs are written. */
  readonly results: Readonly<Record<string, Float32Array>>;
}

/** A vector of state, of which a program reads one array and writes the other. */
interface Pair {
  readonly slot: Slot;
  now: Float32Array;
  next: Float32Array;
}

/**
 * State in arrays of this process. Two arrays hold each vector: a run reads one and writes the
 * other, then they change places, so that runs allocate nothing.
 */
export function inProcess({ program, slots, feeds, results }: StateMemoryOptions): StateMemory {
  const pairs = new Map<string, Pair>();
  for (const [name, slot] of slots)
    pairs.set(name, { slot, now: new Float32Array(slot.size), next: new Float32Array(slot.size) });
  const directions = () => {
    const all = [...pairs.values()];
    return {
      reads: { ...feeds, ...Object.fromEntries(all.map(({ slot, now }) => [slot.input, now])) },
      writes: { ...Object.fromEntries(all.map(({ slot, next }) => [slot.next, next])), ...results },
    };
  };
  const swap = () => {
    for (const pair of pairs.values()) [pair.now, pair.next] = [pair.next, pair.now];
  };
  // The feeds and fetches of both directions are made once.
  let here = directions();
  swap();
  let there = directions();
  swap();
  const pairOf = (name: string): Pair => known(pairs, name);
  return {
    async run() {
      await program.run(here.reads, here.writes);
      [here, there] = [there, here];
      swap();
    },
    read: async (name) => pairOf(name).now.slice(),
    write: (name, values) => pairOf(name).now.set(values),
    release: async () => {},
  };
}

/**
 * State in the memory of a GPU. It is copied there after it was written, and back only to be read.
 */
export function onDevice({ program, slots, feeds, results }: StateMemoryOptions, device: Device): StateMemory {
  const now = new Map<string, Data | DeviceTensor>();
  for (const [name, { size }] of slots) now.set(name, new Float32Array(size));
  const readers = new Map<number, Promise<Program<"out">>>();
  const free = (name: string) => {
    const value = known(now, name);
    if ("dispose" in value) value.dispose();
  };
  return {
    async run() {
      const state = [...slots].map(([name, slot]) => [slot.input, known(now, name)] as const);
      const { arrays, tensors } = await program.runOnDevice({ ...feeds, ...Object.fromEntries(state) });
      for (const [name, slot] of slots) {
        free(name);
        const next = tensors[slot.next];
        if (next === undefined) throw new Error(`state ${name} was not left on the device`);
        now.set(name, next);
      }
      for (const [name, into] of Object.entries(results)) into.set(arrays[name] as Float32Array);
    },
    async read(name) {
      const value = known(now, name);
      if (!("dispose" in value)) return (value as Float32Array).slice();
      const { size } = known(slots, name);
      // ONNX Runtime's binding downloads outputs only, so a program that changes nothing reads it.
      const reader = readers.get(size) ?? compile({ out: add(input("in", [size]), 0) }, device);
      readers.set(size, reader);
      return (await (await reader).runOnDevice({ in: value })).arrays.out as Float32Array;
    },
    write(name, values) {
      free(name);
      now.set(name, values.slice());
    },
    async release() {
      for (const name of slots.keys()) free(name);
      for (const reader of readers.values()) await (await reader).release();
    },
  };
}

function known<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`there is no state ${name}; there is ${[...map.keys()].join(", ")}`);
  return value;
}
