/** Where graphs run: the CPU, a GPU through WebGPU, or an NVIDIA GPU through CUDA. Chosen once, at the edge. */
import * as ort from "onnxruntime-node";

import { UserError } from "../errors.ts";
import { add, encode, input } from "../graph/index.ts";

// What goes wrong comes back as an exception; ONNX Runtime would print it besides.
ort.env.logLevel = "fatal";

export const deviceNames = ["cpu", "webgpu", "cuda"] as const;

/** A device and how many threads ONNX Runtime may use on it (the CPU part of the work, for GPUs). */
export interface Device {
  readonly name: (typeof deviceNames)[number];
  readonly threads: number;
  /** Where ONNX Runtime writes what each node took and which provider ran it: the beginning of a file's path; nowhere by default. */
  readonly profile?: string;
}

/** The options with which every session of this project is made: one thread pool, no spinning, results that repeat. */
export function sessionOptions({ name, threads, profile }: Device): ort.InferenceSession.SessionOptions {
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

/** Whether a device works here: undefined, or the reason why not. Found out by running a graph on it. */
async function failure(name: Device["name"]): Promise<string | undefined> {
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
    // ONNX Runtime begins with the place in its source where it noticed; the reason follows.
    return (error as Error).message.split("\n")[0]!.replace(/^\S+:\d+ .*? was false\. /, "");
  }
}

/** Every device and, where it does not work on this machine, why. */
export async function availableDevices(): Promise<{ name: Device["name"]; problem: string | undefined }[]> {
  const result = [];
  for (const name of deviceNames) result.push({ name, problem: await failure(name) });
  return result;
}

const proven = new Map<Device["name"], Promise<void>>();

/**
 * Makes sure that a device works, once per process.
 * @throws UserError `E_DEVICE` with the reason and the devices that do work.
 */
export function requireDevice(name: Device["name"]): Promise<void> {
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

/** Versions of what computes: Node, ONNX Runtime and the platform. */
export function versions(): { node: string; onnxruntime: string; platform: string } {
  return {
    node: process.version,
    onnxruntime: ort.env.versions.node ?? ort.env.versions.common,
    platform: `${process.platform} ${process.arch}`,
  };
}
