/**
 * An ONNX model as read from its bytes, before any shape is fixed: its inputs, its nodes in order with local functions written
 * out, and its initialisers. Models come from strangers, so what they claim is bounded before anything is made of it.
 */
import { fromBinary } from "@bufbuild/protobuf";

import {
  type AttributeProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
} from "../onnx_pb.ts";
import type { DType, Shape } from "../tensor.ts";
import { dtypeOf, type Known, knownOf } from "./constants.ts";
import { type InitialiserKind, kindsOf, settingsAmong } from "./initialiser-kinds.ts";
import { refuse } from "./refuse.ts";

/** The most nodes, local functions written out. */
const MOST_NODES = 100_000;

/** How deep local functions may call one another. */
const MOST_DEPTH = 16;

/** The opsets whose meaning of operators is known. */
const OPSETS = { least: 7, most: 24 };

/** A node of a model. */
export interface ModelNode {
  readonly op: string;
  /** Its own name, or that of its first output. */
  readonly name: string;
  /** Empty names stand for optional inputs that are left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

/** An initialiser of numbers with a fraction: a parameter of the network, or one of its running statistics. */
export interface ModelInitialiser {
  readonly shape: Shape;
  /** As float32, whatever its type in the file. */
  readonly data: Float32Array;
  /** What sort of layer uses it. */
  readonly kind: InitialiserKind;
}

export interface OnnxModel {
  readonly producer: string;
  /** Version of the operators. */
  readonly opset: number;
  /** What is to be fed. A dimension is a number, or a name or null where it is not fixed. */
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: DType;
    readonly shape: readonly (number | string | null)[];
  }[];
  readonly outputs: readonly string[];
  /** By name, in the order of the file. */
  readonly initialisers: ReadonlyMap<string, ModelInitialiser>;
  /** Initialisers that are no parameters: shapes, indices, settings of operators. */
  readonly constants: ReadonlyMap<string, Known>;
  readonly nodes: readonly ModelNode[];
}

export interface ParseOptions {
  /** Bytes of a file beside the model, where some of its numbers lie. */
  readonly external?: (location: string, offset: number, length: number | undefined) => Uint8Array;
}

/**
 * Reads a model.
 * @throws UserError `E_CHECKPOINT` when it is damaged, or of a version or size that is not known.
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
  if (opset < OPSETS.least || opset > OPSETS.most)
    return refuse(`it uses the operators of version ${opset}, expected ${OPSETS.least} to ${OPSETS.most}`);
  const tensors = new Map<string, TensorProto>();
  for (const tensor of graph.initializer) {
    if (tensors.has(tensor.name)) return refuse(`two initialisers are named ${JSON.stringify(tensor.name)}`);
    tensors.set(tensor.name, tensor);
  }
  const nodes = inlined(model);
  checkOrder(nodes, [...tensors.keys(), ...graph.input.map(({ name }) => name)]);
  const known = new Map([...tensors].map(([name, tensor]) => [name, knownOf(tensor, options.external)]));
  const shapes = new Map([...known].map(([name, { shape }]) => [name, shape]));
  const kinds = kindsOf(nodes, shapes);
  const settings = settingsAmong(nodes, shapes);
  const isParameter = ([name, { dtype }]: readonly [string, Known]) => dtype === "float32" && !settings.has(name);
  return {
    producer: [model.producerName, model.producerVersion].filter((text) => text !== "").join(" "),
    opset,
    inputs: graph.input
      .filter(({ name }) => !tensors.has(name))
      .map(({ name, type }) => {
        const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
        const dtype = dtypeOf(tensor?.elemType ?? 0) ?? refuse(`its input ${name} is of a type that is not known`);
        const shape = (tensor?.shape?.dim ?? []).map(({ value }) =>
          value.case === "dimValue" && value.value > 0n
            ? Number(value.value)
            : value.case === "dimParam" && value.value !== ""
              ? value.value
              : null,
        );
        return { name, dtype, shape };
      }),
    outputs: graph.output.map(({ name }) => name),
    initialisers: new Map(
      [...known]
        .filter(isParameter)
        .map(([name, { shape, data }]) => [
          name,
          { shape, data: data as Float32Array, kind: kinds.get(name) ?? "other" },
        ]),
    ),
    constants: new Map([...known].filter((each) => !isParameter(each))),
    nodes,
  };
}

/** The nodes of the main graph, with calls of local functions replaced by what these consist of. */
function inlined({ graph, functions }: ModelProto): ModelNode[] {
  const local = new Map(functions.map((each) => [`${each.domain}.${each.name}`, each]));
  const nodes: ModelNode[] = [];
  let calls = 0;
  const visit = (
    list: readonly NodeProto[],
    rename: (name: string) => string,
    given: ReadonlyMap<string, AttributeProto>,
    depth: number,
  ): void => {
    if (depth > MOST_DEPTH) refuse(`its functions call one another more than ${MOST_DEPTH} deep`);
    for (const node of list) {
      const attributes = new Map<string, AttributeProto>();
      for (const attribute of node.attribute) {
        const meant = attribute.refAttrName === "" ? attribute : given.get(attribute.refAttrName);
        if (meant !== undefined) attributes.set(attribute.name, meant);
      }
      const inputs = node.input.map((name) => (name === "" ? "" : rename(name)));
      const outputs = node.output.map((name) => (name === "" ? "" : rename(name)));
      const body = local.get(`${node.domain}.${node.opType}`);
      if (body === undefined) {
        if (nodes.length === MOST_NODES) refuse(`it has more than ${MOST_NODES} nodes`);
        const op = ["", "ai.onnx"].includes(node.domain) ? node.opType : `${node.domain}.${node.opType}`;
        nodes.push({ op, name: node.name || outputs[0] || op, inputs, outputs, attributes });
        continue;
      }
      const call = ++calls;
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
  visit(graph!.node, (name) => name, new Map(), 0);
  return nodes;
}

/** Every node must come after what it depends on, as the format demands. */
function checkOrder(nodes: readonly ModelNode[], given: readonly string[]): void {
  const there = new Set(given);
  for (const { name, inputs, outputs } of nodes) {
    const missing = inputs.find((input) => input !== "" && !there.has(input));
    if (missing !== undefined) refuse(`its node ${name} needs ${missing}, which nothing before it makes`);
    for (const output of outputs) {
      if (output !== "" && there.has(output)) refuse(`two of its nodes make ${output}`);
      there.add(output);
    }
  }
}
