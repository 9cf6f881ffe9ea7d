/** A compiled graph: feed arrays, get arrays. */
import * as ort from "onnxruntime-node";

import { type ArrayOf, type DType, encode, sizeOf, type Tensor, type TensorType } from "../graph/index.ts";
import { type Device, requireDevice, sessionOptions } from "./device.ts";

/** The elements of a tensor, in row-major order. */
export type Data = ArrayOf[DType];

/** Arrays by name. */
export type Feeds = Readonly<Record<string, Data>>;

/** A tensor in the memory of a GPU. */
export type DeviceTensor = ort.Tensor;

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

/** Wraps arrays as ONNX Runtime tensors, and keeps the last wrapping of each name: a training loop feeds the same arrays. */
function wrapper(types: ReadonlyMap<string, TensorType>): (name: string, data: Data) => ort.Tensor {
  const last = new Map<string, { data: Data; tensor: ort.Tensor }>();
  return (name, data) => {
    const known = last.get(name);
    if (known?.data === data) return known.tensor;
    const type = types.get(name);
    if (type === undefined)
      throw new Error(`the program has no input or output ${name}; it has ${[...types.keys()].join(", ")}`);
    if (data.length !== sizeOf(type.shape))
      throw new Error(`${name} has ${data.length} elements, its shape is [${type.shape.join(", ")}]`);
    const tensor = new ort.Tensor(type.dtype, data as Float32Array, type.shape);
    last.set(name, { data, tensor });
    return tensor;
  };
}

/** Whether outputs can stay in the memory of a device: ONNX Runtime's binding for Node supports this for WebGPU only. */
export const keepsTensors = ({ name }: Device): boolean => name === "webgpu";

/**
 * Compiles a graph.
 * @param outputs the tensors to compute, by name.
 * @param resident the outputs that `runOnDevice` leaves in the device's memory; none by default.
 * @throws UserError `E_DEVICE` when the device does not work here.
 */
export async function compile<Output extends string>(
  outputs: Readonly<Record<Output, Tensor>>,
  device: Device,
  resident: readonly Output[] = [],
): Promise<Program<Output>> {
  await requireDevice(device.name);
  const { bytes, inputs } = encode(outputs, device.name === "cpu" ? "cpu" : "anywhere");
  const names = Object.keys(outputs) as Output[];
  const locations = names.map((name) => [name, resident.includes(name) ? "gpu-buffer" : "cpu"]);
  const session = await ort.InferenceSession.create(bytes, {
    ...sessionOptions(device),
    ...(resident.length > 0 && { preferredOutputLocation: Object.fromEntries(locations) }),
  });
  const wrapInput = wrapper(inputs);
  const wrapOutput = wrapper(new Map(Object.entries<Tensor>(outputs)));
  return {
    inputs,
    outputs,
    async run(feeds, into = {}) {
      const wrapped: Record<string, ort.Tensor> = {};
      for (const name of inputs.keys()) {
        const data = feeds[name];
        if (data === undefined) throw new Error(`nothing was fed to input ${name}`);
        wrapped[name] = wrapInput(name, data);
      }
      const fetches: Record<string, ort.Tensor | null> = {};
      for (const name of names) fetches[name] = into[name] === undefined ? null : wrapOutput(name, into[name]);
      const results = await session.run(wrapped, fetches);
      return Object.fromEntries(names.map((name) => [name, into[name] ?? (results[name]!.data as Data)])) as Record<
        Output,
        Data
      >;
    },
    async runOnDevice(feeds) {
      const wrapped: Record<string, ort.Tensor> = {};
      for (const name of inputs.keys()) {
        const data = feeds[name];
        if (data === undefined) throw new Error(`nothing was fed to input ${name}`);
        wrapped[name] = "dims" in data ? data : wrapInput(name, data);
      }
      const arrays: Record<string, Data> = {};
      const tensors: Record<string, DeviceTensor> = {};
      for (const [name, value] of Object.entries(await session.run(wrapped))) {
        if (value.location === "cpu") arrays[name] = value.data as Data;
        else tensors[name] = value;
      }
      return { arrays, tensors };
    },
    release: () => session.release(),
  };
}
