import { describe, expect, it } from "vitest";

import type { Data, Device, DeviceTensor } from "./device.ts";
import type { Program } from "./program.ts";
import { inProcess, onDevice } from "./state-memory.ts";

const slots = new Map([["theta", { size: 2, input: "theta", next: "next.theta" }]]);
const feeds = { rate: Float32Array.of(10) };

/** theta plus the rate. */
const stepped = (theta: Float32Array, rate: Float32Array) => theta.map((v) => v + rate[0]!);

describe("state in this process", () => {
  const loss = new Float32Array(1);
  const arrays: Float32Array[] = [];
  const program = {
    async run(given: Record<string, Float32Array>, into: Record<string, Float32Array>) {
      arrays.push(into["next.theta"]!);
      into["next.theta"]!.set(stepped(given.theta!, given.rate!));
      into.loss![0] = given.theta![0]!;
      return into;
    },
  } as unknown as Program;
  const memory = inProcess({ program, slots, feeds, results: { loss } });

  it("is zeros until it is written, then what each run makes of it", async () => {
    expect(await memory.read("theta")).toEqual(new Float32Array(2));
    memory.write("theta", Float32Array.of(1, 2));
    for (let run = 0; run < 3; run++) await memory.run();
    expect(await memory.read("theta")).toEqual(Float32Array.of(31, 32));
    expect(loss).toEqual(Float32Array.of(21));
  });

  it("lies in two arrays, which change places", () => {
    expect(arrays[2]).toBe(arrays[0]);
    expect(arrays[1]).not.toBe(arrays[0]);
  });

  it("is copied when it is read and written", async () => {
    const values = Float32Array.of(5, 6);
    memory.write("theta", values);
    values.fill(0);
    (await memory.read("theta")).fill(9);
    expect(await memory.read("theta")).toEqual(Float32Array.of(5, 6));
  });

  it("is refused under another name", async () => {
    expect(() => memory.write("momentum", new Float32Array(2))).toThrow("there is no state momentum; there is theta");
  });
});

/** Vectors in the memory of a pretended GPU, and how many of them are held. */
function pretendedGpu() {
  let held = 0;
  const keep = (values: Float32Array): DeviceTensor => {
    held++;
    return { location: "gpu-buffer", data: values, dims: [values.length], dispose: () => void held-- };
  };
  const valuesOf = (value: Data | DeviceTensor) => ("dims" in value ? value.data : value) as Float32Array;
  const program = {
    async runOnDevice(given: Record<string, Data | DeviceTensor>) {
      const next = stepped(valuesOf(given.theta!), valuesOf(given.rate!));
      return { arrays: { loss: Float32Array.of(next[0]!) }, tensors: { "next.theta": keep(next) } };
    },
  } as unknown as Program;
  // Its only model is the one by which tensors are read.
  const device = {
    name: "webgpu",
    open: async () => ({
      run: async ({ in: given }: Record<string, DeviceTensor>) => ({
        out: { location: "cpu", data: valuesOf(given!).slice(), dims: given!.dims },
      }),
      release: async () => void held--,
    }),
  } as unknown as Device;
  return { program, device, held: () => held };
}

describe("state on a device", () => {
  it("stays there between runs, and comes back when it is read", async () => {
    const { program, device, held } = pretendedGpu();
    const loss = new Float32Array(1);
    const memory = onDevice({ program, slots, feeds, results: { loss } }, device);
    memory.write("theta", Float32Array.of(1, 2));
    expect(await memory.read("theta")).toEqual(Float32Array.of(1, 2));
    for (let run = 0; run < 3; run++) await memory.run();
    expect(loss).toEqual(Float32Array.of(31));
    expect(held()).toBe(1);
    expect(await memory.read("theta")).toEqual(Float32Array.of(31, 32));
    memory.write("theta", Float32Array.of(7, 8));
    expect(held()).toBe(0);
    expect(await memory.read("theta")).toEqual(Float32Array.of(7, 8));
  });

  it("must be left there by the program", async () => {
    const { device } = pretendedGpu();
    const program = { runOnDevice: async () => ({ arrays: {}, tensors: {} }) } as unknown as Program;
    const memory = onDevice({ program, slots, feeds, results: {} }, device);
    await expect(memory.run()).rejects.toThrow("state theta was not left on the device");
  });
});
