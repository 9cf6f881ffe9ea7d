/** Writes a graph as an ONNX model: the bytes that ONNX Runtime loads here, in Python or in a browser. */
import { create, toBinary } from "@bufbuild/protobuf";

import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.ts";
import type { DType, OnnxAttribute, Target, Tensor } from "./tensor.ts";
import { leaves, lower, topological } from "./traverse.ts";

const IR_VERSION = 10n;
const OPSET = 21n;
const ELEMENT_TYPE: Record<DType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 };

/** What a loop goes on by. */
const ALWAYS: Tensor = { shape: [], dtype: "bool", source: { kind: "constant", data: Uint8Array.of(1) } };

const attribute = (name: string, value: OnnxAttribute): AttributeProto => {
  if (typeof value === "number")
    return create(AttributeProtoSchema, { name, type: ATTRIBUTE_TYPE.int, i: BigInt(value) });
  if (typeof value === "string")
    return create(AttributeProtoSchema, { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) });
  if ("float" in value) return create(AttributeProtoSchema, { name, type: ATTRIBUTE_TYPE.float, f: value.float });
  return create(AttributeProtoSchema, { name, type: ATTRIBUTE_TYPE.ints, ints: value.map(BigInt) });
};

const valueInfo = (name: string, t: Tensor): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: ELEMENT_TYPE[t.dtype],
          shape: { dim: t.shape.map((d) => ({ value: { case: "dimValue" as const, value: BigInt(d) } })) },
        },
      },
    },
  });

const initializer = (name: string, t: Tensor): TensorProto => {
  if (t.source.kind !== "constant") throw new Error(`${name} is not a constant`);
  const { buffer, byteOffset, byteLength } = t.source.data;
  return create(TensorProtoSchema, {
    name,
    dims: t.shape.map(BigInt),
    dataType: ELEMENT_TYPE[t.dtype],
    rawData: new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
  });
};

/** An ONNX model and the inputs it takes. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** Inputs by name, in order of first use. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/**
 * Encodes the graph that named outputs reach. The same graph gives the same bytes. Names that start with % are its own.
 * @param target where the model is to run; anywhere by default.
 * @throws Error when two different inputs, or an input and an output, share a name.
 */
export function encode(outputs: Readonly<Record<string, Tensor>>, target: Target = "anywhere"): Encoded {
  const { graph, inputs } = encodeGraph(outputs, target);
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "neural-network-diffusion",
    opsetImport: [{ domain: "", version: OPSET }],
    graph,
  });
  return { bytes: toBinary(ModelProtoSchema, model), inputs };
}

/**
 * The graph that named outputs reach.
 * @param prefix of the names of its own values, so that those of a graph within a graph differ from the outer ones.
 * @param outer names of what lies outside, which are not its inputs.
 */
function encodeGraph(
  outputs: Readonly<Record<string, Tensor>>,
  target: Target,
  prefix = "%",
  outer: ReadonlyMap<Tensor, string> = new Map(),
): { graph: GraphProto; inputs: ReadonlyMap<string, Tensor> } {
  const roots = lower(Object.values(outputs), target);
  const names = new Map<Tensor, string>(outer);
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const inputs = new Map<string, Tensor>();
  const addConstant = (t: Tensor): string => {
    const name = `${prefix}c${initializers.length}`;
    initializers.push(initializer(name, t));
    names.set(t, name);
    return name;
  };
  for (const t of leaves(roots)) {
    if (outer.has(t)) continue;
    if (t.source.kind === "constant") addConstant(t);
    else if (t.source.kind === "input") {
      const { name } = t.source;
      if (inputs.has(name)) throw new Error(`two inputs of one graph are called ${name}`);
      if (Object.hasOwn(outputs, name)) throw new Error(`an input and an output of one graph are called ${name}`);
      inputs.set(name, t);
      names.set(t, name);
    }
  }
  // A computed output bears its own name. Where that cannot be, for an input, a constant, or a tensor asked for under two
  // names, a node of its own copies it.
  const outputNames = Object.keys(outputs);
  const own = new Map<Tensor, string>();
  roots.forEach((t, i) => {
    if (t.source.kind === "call" && !own.has(t)) own.set(t, outputNames[i]!);
  });
  let values = 0;
  for (const call of topological(roots)) {
    const node = call.op.onnx?.(call.attributes, call.inputs, call.outputs);
    if (node === undefined) throw new Error(`${call.op.name} has neither an ONNX type nor a lowering`);
    for (const t of call.outputs) names.set(t, own.get(t) ?? `${prefix}${values++}`);
    const common = {
      name: `${call.op.name}_${nodes.length}`,
      opType: node.type,
      output: call.outputs.map((t) => names.get(t)!),
    };
    if (node.loop !== undefined) {
      const { index, states, captured, nexts } = node.loop;
      const inner = `${prefix}${nodes.length}.`;
      const [trips, ...given] = call.inputs.map((t) => names.get(t)!);
      const here = new Map([
        [index, `${inner}index`],
        ...states.map((t, i) => [t, `${inner}state${i}`] as const),
        ...captured.map((t, i) => [t, given[states.length + i]!] as const),
      ]);
      const made = nexts.map((t, i) => [`${inner}next${i}`, t] as const);
      const { graph } = encodeGraph({ [`${inner}on`]: ALWAYS, ...Object.fromEntries(made) }, target, inner, here);
      graph.input = [
        valueInfo(here.get(index)!, index),
        valueInfo(`${inner}was on`, ALWAYS),
        ...states.map((t) => valueInfo(here.get(t)!, t)),
      ];
      nodes.push(
        create(NodeProtoSchema, {
          ...common,
          input: [trips!, "", ...given.slice(0, states.length)],
          attribute: [create(AttributeProtoSchema, { name: "body", type: ATTRIBUTE_TYPE.graph, g: graph })],
        }),
      );
      continue;
    }
    nodes.push(
      create(NodeProtoSchema, {
        ...common,
        input: [
          ...call.inputs.map((t) => names.get(t)!),
          ...(node.constants ?? []).map((t) => names.get(t) ?? addConstant(t)),
        ],
        attribute: Object.entries(node.attributes ?? {}).map(([name, value]) => attribute(name, value)),
      }),
    );
  }
  const results = outputNames.map((name, i) => {
    const root = roots[i]!;
    if (own.get(root) !== name) {
      const copy = { name: `output_${name}`, opType: "Identity", input: [names.get(root)!], output: [name] };
      nodes.push(create(NodeProtoSchema, copy));
    }
    return valueInfo(name, root);
  });
  const graph = create(GraphProtoSchema, {
    name: "graph",
    node: nodes,
    initializer: initializers,
    input: [...inputs].map(([name, t]) => valueInfo(name, t)),
    output: results,
  });
  return { graph, inputs };
}
