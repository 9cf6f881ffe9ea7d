/**
 * The device on which graphs run, as an interface: it opens ONNX models and wraps arrays. Code that
 * computes receives one as an argument, so that it runs with ONNX Runtime for Node
 * (`runtime-node/`) and with any other, in a browser.
 */
import type { ArrayOf, DType, TensorType } from "../graph/index.ts";

/** Names of devices: the CPU, a GPU through WebGPU, an NVIDIA GPU through CUDA. */
export const deviceNames = ["cpu", "webgpu", "cuda"] as const;

/**
 * A device as a recipe names it.
 * @category Recipes and devices
 */
export interface DeviceOptions {
  readonly name: (typeof deviceNames)[number];
  /** Threads that ONNX Runtime may use (for GPUs: for the work that is left to the CPU). */
  readonly threads: number;
  /**
   * Path prefix of a profile: the time of each node and the provider that ran it. None by default.
   */
  readonly profile?: string;
}

/** The elements of a tensor, in row-major order. */
export type Data = ArrayOf[DType];

/**
 * A tensor as a session takes and returns it: an array of this process, or memory of the device.
 */
export interface DeviceTensor {
  /** "cpu" for an array of this process. */
  readonly location: string;
  /** The elements; readable only where `location` is "cpu". */
  readonly data: unknown;
  readonly dims: readonly number[];
  dispose(): void;
}

/** An ONNX model that is ready to run. */
export interface Session {
  /**
   * Runs the model once.
   * @param fetches where to write outputs: a tensor, or null for a new one. All outputs, new, by
   *   default.
   */
  run(
    feeds: Readonly<Record<string, DeviceTensor>>,
    fetches?: Readonly<Record<string, DeviceTensor | null>>,
  ): Promise<Readonly<Record<string, DeviceTensor>>>;
  /** Frees the session's memory. It cannot run afterwards. */
  release(): Promise<void>;
}

/**
 * A device that can open models.
 * @category Recipes and devices
 */
export interface Device extends DeviceOptions {
  /** Whether outputs can stay in the device's memory between runs. */
  readonly keepsTensors: boolean;
  /** The CPU with one thread, for numbers that must not depend on the device. */
  cpu(): Device;
  /**
   * Opens an ONNX model.
   * @param outputs the model's outputs; `resident` ones stay in the device's memory.
   * @throws UserError `E_DEVICE` when the device does not work on this machine.
   */
  open(model: Uint8Array, outputs: readonly { name: string; resident: boolean }[]): Promise<Session>;
  /** Wraps an array as a tensor of the given type, without a copy. */
  wrap(data: Data, type: TensorType): DeviceTensor;
}
