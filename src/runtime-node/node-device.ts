/**
 * ONNX Runtime for Node as a device: the CPU, a GPU through WebGPU, or an NVIDIA GPU through CUDA.
 */
import * as ort from "onnxruntime-node";

import { UserError } from "../errors.ts";
import { add, encode, input } from "../graph/index.ts";
import { type Device, type DeviceOptions, deviceNames } from "../runtime/index.ts";

// Errors are thrown; without this ONNX Runtime prints them as well.
ort.env.logLevel = "fatal";

type DeviceName = DeviceOptions["name"];

/** Options of every session: one thread pool, no spinning, repeatable results. */
function sessionOptions({ name, threads, profile }: DeviceOptions): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: name === "cpu" ? ["cpu"] : [name, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}

/** Runs a small graph on a device. Returns undefined if that works, else the reason why not. */
async function failure(name: DeviceName): Promise<string | undefined> {
  if (name === "cpu") return undefined;
  try {
    const { bytes } = encode({ y: add(input("x", [1]), 1) });
    const session = await ort.InferenceSession.create(bytes, {
      ...sessionOptions({ name, threads: 1 }),
      executionProviders: [name],
    });
    await session.run({ x: new ort.Tensor("float32", Float32Array.of(1), [1]) });
    await session.release();
    return undefined;
  } catch (error) {
    // The message begins with a position in the source of ONNX Runtime; the reason follows.
    return (error as Error).message.replace(/\n.*/s, "").replace(/^\S+:\d+ .*? was false\. /, "");
  }
}

/**
 * Tries every device. `problem` says why one does not work on this machine; undefined if it does.
 */
export async function availableDevices(): Promise<{ name: DeviceName; problem: string | undefined }[]> {
  const result = [];
  for (const name of deviceNames) result.push({ name, problem: await failure(name) });
  return result;
}

/** The check of each device, made once per process. */
const proven = new Map<DeviceName, Promise<void>>();

/**
 * Checks once per process that a device works.
 * @throws UserError `E_DEVICE` with the reason and the devices that do work.
 */
export function requireDevice(name: DeviceName): Promise<void> {
  let proof = proven.get(name);
  if (proof === undefined) {
    proof = failure(name).then(async (problem) => {
      if (problem === undefined) return;
      const working = (await availableDevices()).filter((d) => d.problem === undefined).map((d) => d.name);
      throw new UserError(
        "E_DEVICE",
        `device ${name} does not work here (${problem}); available: ${working.join(", ")}`,
      );
    });
    proven.set(name, proof);
  }
  return proof;
}

/**
 * A device of this machine, through ONNX Runtime for Node. It is checked when it first opens a
 * model.
 * @param options the device's name and its number of threads, as in a recipe.
 * @category Recipes and devices
 */
export function nodeDevice(options: DeviceOptions): Device {
  return {
    ...options,
    // The binding for Node supports this for WebGPU only.
    keepsTensors: options.name === "webgpu",
    cpu: () => nodeDevice({ name: "cpu", threads: 1 }),
    async open(model, outputs) {
      await requireDevice(options.name);
      const locations = outputs.map(({ name, resident }) => [name, resident ? "gpu-buffer" : "cpu"]);
      const session = await ort.InferenceSession.create(model, {
        ...sessionOptions(options),
        ...(outputs.some(({ resident }) => resident) && { preferredOutputLocation: Object.fromEntries(locations) }),
      });
      return {
        run(feeds, fetches) {
          const fed = feeds as Record<string, ort.Tensor>;
          return fetches === undefined
            ? session.run(fed)
            : session.run(fed, fetches as Record<string, ort.Tensor | null>);
        },
        release: () => session.release(),
      };
    },
    wrap: (data, { dtype, shape }) => new ort.Tensor(dtype, data as Float32Array, shape),
  };
}

/** Versions of Node, ONNX Runtime and the platform. */
export function versions(): { node: string; onnxruntime: string; platform: string } {
  return {
    node: process.version,
    onnxruntime: ort.env.versions.node ?? ort.env.versions.common,
    platform: `${process.platform} ${process.arch}`,
  };
}
