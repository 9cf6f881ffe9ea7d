/**
 * An ONNX model as read from its bytes, before any shape is fixed: its inputs, its nodes in order
 * with local functions inlined, and its initialisers. Files may be hostile, so every size is
 * checked before anything is allocated.
 */
import { fromBinary } from "@bufbuild/protobuf";

import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "../onnx_pb.ts";
import type { DType, Shape } from "../tensor.ts";
import type { TensorKind } from "../tensor-kind.ts";
import { dtypeOf, type ExternalReader, type Known, knownOf } from "./constants.ts";
import { kindsOf, settingsAmong } from "./initialiser-kinds.ts";
import type { ModelNode } from "./model-node.ts";
import { liftNamed } from "./named-values.ts";
import { refuse } from "./refuse.ts";

/** The most nodes, with local functions inlined, and the most calls of functions. */
const MAX_NODES = 50_000;

/** The deepest nesting of calls of local functions. */
const MAX_DEPTH = 16;

/** The versions of ONNX's operators that are supported. */
const OPSETS = { min: 7, max: 24 };

/** A floating-point initialiser: a parameter of the network, or one of its running statistics. */
export interface ModelInitialiser {
  readonly shape: Shape;
  /** Converted to float32. */
  readonly data: Float32Array;
  /** The kind of layer that uses it. */
  readonly kind: TensorKind;
}

/** An input of a model. */
export interface ModelInput {
  readonly name: string;
  readonly dtype: DType;
  /** A dimension that is not fixed is a name or null. */
  readonly shape: readonly (number | string | null)[];
}

/** A model as read from its bytes. */
export interface OnnxModel {
  /** Name and version of the program that exported the model. */
  readonly producer: string;
  /** Version of the operators. */
  readonly opset: number;
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly string[];
  /** By name, in the order of the file. */
  readonly initialisers: ReadonlyMap<string, ModelInitialiser>;
  /** Initialisers that are not parameters: shapes, indices, settings of operators. */
  readonly constants: ReadonlyMap<string, Known>;
  /** How many nodes use each initialiser and constant. */
  readonly users: ReadonlyMap<string, number>;
  readonly nodes: readonly ModelNode[];
}

/** Options of `parseOnnx`. */
export interface ParseOptions {
  /**
   * Reads tensors stored in files beside the model; without it, a model that has some is refused.
   */
  readonly external?: ExternalReader;
}

/**
 * Reads a model from its bytes.
 * @throws UserError `E_CHECKPOINT` when it is damaged, too large, or of an unsupported version.
 */
export function parseOnnx(bytes: Uint8Array, options: ParseOptions = {}): OnnxModel {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    return refuse(`it is no ONNX model (${(error as Error).message.slice(0, 100)})`);
  }
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0) return refuse("it is no ONNX model: it has no graph");
  const opset = Number(model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0n);
  if (opset < OPSETS.min || opset > OPSETS.max)
    return refuse(`it uses the operators of version ${opset}, expected ${OPSETS.min} to ${OPSETS.max}`);
  const tensors = new Map<string, TensorProto>();
  for (const tensor of graph.initializer) {
    if (tensors.has(tensor.name)) return refuse(`two initialisers are named ${JSON.stringify(tensor.name)}`);
    tensors.set(tensor.name, tensor);
  }
  const written = inlinedNodes(graph, model.functions);
  checkOrder(written, [...tensors.keys(), ...graph.input.map(({ name }) => name)]);
  const stored = new Map([...tensors].map(([name, tensor]) => [name, knownOf(tensor, options.external)]));
  const { known, nodes } = liftNamed(stored, written);
  return {
    producer: [model.producerName, model.producerVersion].filter((text) => text !== "").join(" "),
    opset,
    inputs: graph.input.filter(({ name }) => !tensors.has(name)).map(modelInput),
    outputs: graph.output.map(({ name }) => name),
    ...partedInitialisers(known, nodes),
    users: usersOf(known, nodes),
    nodes,
  };
}

function modelInput({ name, type }: ValueInfoProto): ModelInput {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
  const dtype = dtypeOf(tensor?.elemType ?? 0) ?? refuse(`its input ${name} is of a type that is not supported`);
  const shape = (tensor?.shape?.dim ?? []).map(({ value }) => {
    if (value.case === "dimValue" && value.value > 0n) return Number(value.value);
    return value.case === "dimParam" && value.value !== "" ? value.value : null;
  });
  return { name, dtype, shape };
}

/** Separates parameters and statistics from constants, by their types and by how nodes use them. */
function partedInitialisers(
  known: ReadonlyMap<string, Known>,
  nodes: readonly ModelNode[],
): Pick<OnnxModel, "initialisers" | "constants"> {
  const shapes = new Map([...known].map(([name, { shape }]) => [name, shape]));
  const kinds = kindsOf(nodes, shapes);
  const settings = settingsAmong(nodes, shapes);
  const initialisers = new Map<string, ModelInitialiser>();
  const constants = new Map<string, Known>();
  for (const [name, value] of known) {
    const { shape, data } = value;
    if (data instanceof Float32Array && !settings.has(name))
      initialisers.set(name, { shape, data, kind: kinds.get(name) ?? "other" });
    else constants.set(name, value);
  }
  return { initialisers, constants };
}

/** How many nodes use each of some values. */
function usersOf(known: ReadonlyMap<string, Known>, nodes: readonly ModelNode[]): Map<string, number> {
  const users = new Map([...known.keys()].map((name) => [name, 0]));
  for (const { inputs } of nodes)
    for (const name of new Set(inputs)) {
      const count = users.get(name);
      if (count !== undefined) users.set(name, count + 1);
    }
  return users;
}

/** The nodes of the main graph, with calls of local functions replaced by the functions' nodes. */
function inlinedNodes(graph: GraphProto, functions: ModelProto["functions"]): ModelNode[] {
  const local = new Map(functions.map((each) => [`${each.domain}.${each.name}`, each]));
  const nodes: ModelNode[] = [];
  let calls = 0;
  const visit = (
    list: readonly NodeProto[],
    rename: (name: string) => string,
    callAttributes: ReadonlyMap<string, AttributeProto>,
    depth: number,
  ): void => {
    if (depth > MAX_DEPTH) refuse(`its functions call one another more than ${MAX_DEPTH} deep`);
    for (const node of list) {
      const attributes = new Map<string, AttributeProto>();
      for (const attribute of node.attribute) {
        const resolved = attribute.refAttrName === "" ? attribute : callAttributes.get(attribute.refAttrName);
        if (resolved !== undefined) attributes.set(attribute.name, resolved);
      }
      const inputs = node.input.map((name) => (name === "" ? "" : rename(name)));
      const outputs = node.output.map((name) => (name === "" ? "" : rename(name)));
      const body = local.get(`${node.domain}.${node.opType}`);
      if (body === undefined) {
        if (nodes.length === MAX_NODES) refuse(`it has more than ${MAX_NODES} nodes`);
        const op = ["", "ai.onnx"].includes(node.domain) ? node.opType : `${node.domain}.${node.opType}`;
        nodes.push({ op, name: node.name || outputs[0] || op, inputs, outputs, attributes });
        continue;
      }
      const call = ++calls;
      if (calls > MAX_NODES) refuse(`its functions are called more than ${MAX_NODES} times`);
      const names = new Map<string, string>();
      body.input.forEach((name, i) => {
        names.set(name, inputs[i] ?? "");
      });
      body.output.forEach((name, i) => {
        if (outputs[i]) names.set(name, outputs[i]);
      });
      for (const attribute of body.attributeProto)
        if (!attributes.has(attribute.name)) attributes.set(attribute.name, attribute);
      visit(body.node, (name) => names.get(name) ?? `${call}/${name}`, attributes, depth + 1);
    }
  };
  visit(graph.node, (name) => name, new Map(), 0);
  return nodes;
}

/** Checks that every node comes after the nodes it depends on, as the format demands. */
function checkOrder(nodes: readonly ModelNode[], given: readonly string[]): void {
  const defined = new Set(given);
  for (const { name, inputs, outputs } of nodes) {
    const missing = inputs.find((input) => input !== "" && !defined.has(input));
    if (missing !== undefined) refuse(`its node ${name} needs ${missing}, which nothing before it makes`);
    for (const output of outputs) {
      if (output !== "" && defined.has(output)) refuse(`two of its nodes make ${output}`);
      defined.add(output);
    }
  }
}
