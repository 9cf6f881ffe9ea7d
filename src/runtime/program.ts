/** Compiled graphs: arrays in, arrays out. */
import { encode, sizeOf, type Tensor, type TensorType } from "../graph/index.ts";
import type { Data, Device, DeviceTensor } from "./device.ts";

/** Arrays by name. */
export type Feeds = Readonly<Record<string, Data>>;

/** A graph compiled for a device. */
export interface Program<Output extends string = string> {
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: Readonly<Record<Output, TensorType>>;
  /**
   * Runs the graph once.
   * @param feeds an array for every input.
   * @param into arrays to write outputs to; outputs that are not named get a new array each.
   * @returns every output's array.
   */
  run(feeds: Feeds, into?: Partial<Record<Output, Data>>): Promise<Record<Output, Data>>;
  /**
   * Runs the graph once without copying everything to the device and back.
   * @param feeds an array, or a tensor on the device, for every input.
   * @returns every output: the resident ones as tensors on the device, the others as new arrays.
   */
  runOnDevice(feeds: Readonly<Record<string, Data | DeviceTensor>>): Promise<{
    readonly arrays: Readonly<Record<string, Data>>;
    readonly tensors: Readonly<Record<string, DeviceTensor>>;
  }>;
  /** Frees what ONNX Runtime holds. The program cannot run afterwards. */
  release(): Promise<void>;
}

/**
 * Wraps arrays as tensors of a device. It keeps the last tensor of each name, because a training
 * loop feeds the same arrays again and again.
 */
function wrapper(types: ReadonlyMap<string, TensorType>, device: Device): (name: string, data: Data) => DeviceTensor {
  const last = new Map<string, { data: Data; tensor: DeviceTensor }>();
  return (name, data) => {
    const known = last.get(name);
    if (known?.data === data) return known.tensor;
    const type = types.get(name);
    if (type === undefined)
      throw new Error(`the program has no input or output ${name}; it has ${[...types.keys()].join(", ")}`);
    if (data.length !== sizeOf(type.shape))
      throw new Error(`${name} has ${data.length} elements, its shape is [${type.shape.join(", ")}]`);
    const tensor = device.wrap(data, type);
    last.set(name, { data, tensor });
    return tensor;
  };
}

/**
 * Compiles a graph for a device.
 * @param outputs the tensors to compute, by name.
 * @param resident the outputs that `runOnDevice` leaves in the device's memory; none by default.
 * @throws UserError `E_DEVICE` when the device does not work on this machine.
 */
export async function compile<Output extends string>(
  outputs: Readonly<Record<Output, Tensor>>,
  device: Device,
  resident: readonly Output[] = [],
): Promise<Program<Output>> {
  const { bytes, inputs } = encode(outputs, { target: device.name === "cpu" ? "cpu" : "anywhere" });
  const names = Object.keys(outputs) as Output[];
  const session = await device.open(
    bytes,
    names.map((name) => ({ name, resident: resident.includes(name) })),
  );
  const wrapInput = wrapper(inputs, device);
  const wrapOutput = wrapper(new Map(Object.entries<Tensor>(outputs)), device);
  /** One tensor for every input, from arrays or tensors that are on the device. */
  const wrapAll = (feeds: Readonly<Record<string, Data | DeviceTensor>>): Record<string, DeviceTensor> => {
    const wrapped: Record<string, DeviceTensor> = {};
    for (const name of inputs.keys()) {
      const value = feeds[name];
      if (value === undefined) throw new Error(`input ${name} is missing`);
      wrapped[name] = "dims" in value ? value : wrapInput(name, value);
    }
    return wrapped;
  };
  return {
    inputs,
    outputs,
    async run(feeds, into = {}) {
      const fetches: Record<string, DeviceTensor | null> = {};
      for (const name of names) fetches[name] = into[name] === undefined ? null : wrapOutput(name, into[name]);
      const results = await session.run(wrapAll(feeds), fetches);
      return Object.fromEntries(names.map((name) => [name, into[name] ?? results[name]?.data])) as Record<Output, Data>;
    },
    async runOnDevice(feeds) {
      const arrays: Record<string, Data> = {};
      const tensors: Record<string, DeviceTensor> = {};
      for (const [name, value] of Object.entries(await session.run(wrapAll(feeds)))) {
        if (value.location === "cpu") arrays[name] = value.data as Data;
        else tensors[name] = value;
      }
      return { arrays, tensors };
    },
    release: () => session.release(),
  };
}
