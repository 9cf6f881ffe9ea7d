/**
 * The networks of test/fixtures/onnx/ as ONNX models: the fixtures leave out the values of the
 * network's tensors, which are filled here by name, as in test/oracle/onnx_networks.py.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import { fromBinary, toBinary } from "@bufbuild/protobuf";

import { sizeOf } from "../../src/graph/index.ts";
import { ModelProtoSchema, type TensorProto } from "../../src/graph/onnx_pb.ts";
import { fill, fillIntegers } from "./fill.ts";

const FLOAT = 1;

/** A network of the fixtures as an exporter wrote it. */
export interface OnnxModel {
  /** In test/fixtures/onnx/. */
  readonly file: string;
  readonly exporter: "torchscript" | "torchscript-unfolded" | "dynamo";
  readonly opset: number;
  /** Number of images per batch. */
  readonly batch: number;
  /** `[channels, height, width]`. */
  readonly image: readonly number[];
  /** Which images: see `onnxBatch`. */
  readonly draw: number;
  /** What PyTorch makes of batch 0 in evaluation mode, `[batch, 10]`. */
  readonly logits: readonly number[];
}

/** A network with more of what PyTorch computes with it; tensors are sketches of 16 numbers. */
export interface OnnxNetwork extends OnnxModel {
  /** Whether batch normalisations became part of convolutions. */
  readonly folded: boolean;
  /**
   * By the name of each of the network's tensors in the file: its name in the state dict and what
   * was done to it.
   */
  readonly tensors: Readonly<Record<string, readonly [name: string, way: "as is" | "transposed" | "reshaped"]>>;
  /** Of batch 0. */
  readonly labels: readonly number[];
  /**
   * Of the cross-entropy of batch 0, by the name of each parameter in the file, laid out as there.
   */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  /**
   * Of batches 0, 1 and 2, before a step of AdamW with each (rate 1e-3, weight decay 5e-4, eps
   * 1e-3) in evaluation mode.
   */
  readonly losses: readonly number[];
  /** What the three steps changed, like the gradients. */
  readonly moved: Readonly<Record<string, readonly number[]>>;
}

/** The CNN exported untrained, so that equal tensors became one. */
export interface OnnxUntrained extends OnnxModel {
  /** By the name of each tensor in the file, the names in the state dict that it stands for. */
  readonly shared: Readonly<Record<string, readonly string[]>>;
}

const folder = new URL("../fixtures/onnx/", import.meta.url);

const {
  external,
  "cnn-untrained": untrained,
  ...networks
} = JSON.parse(readFileSync(new URL("onnx-networks.json", folder), "utf8"));

/** The networks by name. */
export const onnxNetworks: Readonly<Record<string, OnnxNetwork>> = networks;

/** The untrained one. */
export const onnxUntrained: OnnxUntrained = untrained;

/** One whose values lie in a file of their own, which `onnxPath` has beside it. */
export const onnxExternal: OnnxNetwork = external;

/** Where the file of a model lies. */
export const onnxPath = ({ file }: OnnxModel): string => fileURLToPath(new URL(file, folder));

/** The bytes of a model with all its values, in files that the fixtures compress. */
export const onnxBytes = (model: OnnxModel): Uint8Array => fillSkeleton(gunzipSync(readFileSync(onnxPath(model))));

/** Images and labels, as programs are fed. */
export type OnnxBatch = { readonly images: Float32Array; readonly labels: Int32Array };

/**
 * A batch of images `[batch, channels, height, width]` in [-1, 1), and their labels `[batch]` of 10
 * classes.
 */
export function onnxBatch({ batch, image, draw }: OnnxModel, step: number): OnnxBatch {
  const images = fill(`images ${draw}.${step}`, batch * sizeOf(image));
  return { images, labels: fillIntegers(`labels ${draw}.${step}`, batch, 10) };
}

/** Gives the tensors of a model that have no values those that belong to their names. */
export function fillSkeleton(skeleton: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, skeleton);
  for (const tensor of model.graph!.initializer) {
    if (!isBare(tensor)) continue;
    const shape = tensor.dims.map(Number);
    const values = fill(tensor.name, sizeOf(shape), ...bounds(tensor.name, shape));
    tensor.rawData = new Uint8Array(values.buffer);
  }
  return toBinary(ModelProtoSchema, model);
}

function isBare({ dataType, dims, rawData, floatData, externalData }: TensorProto): boolean {
  const stored = rawData.length + floatData.length + externalData.length;
  return dataType === FLOAT && stored === 0 && !dims.includes(0n);
}

/** Within what a tensor of a file is filled: the same rule as in test/oracle/onnx_networks.py. */
function bounds(name: string, shape: readonly number[]): [low: number, high: number] {
  if (shape.length === 1) return /(weight|running_var)$/.test(name) ? [0.5, 1.5] : [-0.1, 0.1];
  let bound = 0.5;
  // The same for a matrix and its transpose.
  if (shape.length === 2) bound = Math.sqrt(6 / (shape[0]! + shape[1]!));
  if (shape.length === 4) bound = Math.sqrt(3 / sizeOf(shape.slice(1)));
  return [-bound, bound];
}
