/**
 * Writes a graph as an ONNX model, which ONNX Runtime loads in Node, in Python and in a browser.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { at } from "../lookup.ts";
import { type LowerOptions, lower } from "./lowering/lower.ts";
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
import type { Call, DType, Loop, OnnxAttribute, Tensor } from "./tensor.ts";
import { leaves, topological } from "./traverse.ts";

const IR_VERSION = 10n;
const OPSET = 21n;
const ELEMENT_TYPE: Record<DType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 };

/** The condition of loops, which is always true. */
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
 * Encodes the graph that named outputs reach. The same graph gives the same bytes. Names that begin
 * with % are taken.
 * @param options where the model is to run, and the lowering rules; any device and all rules by
 *   default.
 * @throws Error when two different inputs, or an input and an output, share a name.
 */
export function encode(outputs: Readonly<Record<string, Tensor>>, options: LowerOptions = {}): Encoded {
  const { graph, inputs } = encodeGraph(outputs, { ...options, prefix: "%", outer: new Map() });
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: "neural-network-diffusion",
    opsetImport: [{ domain: "", version: OPSET }],
    graph,
  });
  return { bytes: toBinary(ModelProtoSchema, model), inputs };
}

interface GraphOptions extends LowerOptions {
  /**
   * Begins the names of the graph's values, so that those of an inner graph differ from the outer
   * ones.
   */
  readonly prefix: string;
  /** Names of outer tensors, which are not inputs of the graph. */
  readonly outer: ReadonlyMap<Tensor, string>;
}

/** A graph that is being written. */
interface Writer {
  readonly options: GraphOptions;
  readonly names: Map<Tensor, string>;
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
}

/** The name that a tensor was given. */
function nameOf({ names }: Writer, t: Tensor): string {
  const name = names.get(t);
  if (name === undefined) throw new Error("a tensor is used before it is computed");
  return name;
}

function addConstant({ options, names, initializers }: Writer, t: Tensor): string {
  const name = `${options.prefix}c${initializers.length}`;
  initializers.push(initializer(name, t));
  names.set(t, name);
  return name;
}

/** Names the inputs and constants that the roots reach. Returns the inputs by name. */
function addLeaves(writer: Writer, roots: readonly Tensor[], outputs: Readonly<Record<string, Tensor>>) {
  const inputs = new Map<string, Tensor>();
  for (const t of leaves(roots)) {
    if (writer.options.outer.has(t)) continue;
    if (t.source.kind === "constant") addConstant(writer, t);
    else if (t.source.kind === "input") {
      const { name } = t.source;
      if (inputs.has(name)) throw new Error(`two inputs of one graph are called ${name}`);
      if (Object.hasOwn(outputs, name)) throw new Error(`an input and an output of one graph are called ${name}`);
      inputs.set(name, t);
      writer.names.set(t, name);
    }
  }
  return inputs;
}

/** The inputs and attributes of a node that repeats an inner graph. */
function loopParts(writer: Writer, call: Call, { index, states, captured, nexts }: Loop) {
  const prefix = `${writer.options.prefix}${writer.nodes.length}.`;
  const [trips = "", ...given] = call.inputs.map((t) => nameOf(writer, t));
  const indexName = `${prefix}index`;
  const stateNames = states.map((_, i) => `${prefix}state${i}`);
  const outer = new Map([
    [index, indexName],
    ...states.map((t, i) => [t, at(stateNames, i)] as const),
    ...captured.map((t, i) => [t, at(given, states.length + i)] as const),
  ]);
  const made = nexts.map((t, i) => [`${prefix}next${i}`, t] as const);
  const outputs = { [`${prefix}on`]: ALWAYS, ...Object.fromEntries(made) };
  const { graph } = encodeGraph(outputs, { ...writer.options, prefix, outer });
  graph.input = [
    valueInfo(indexName, index),
    valueInfo(`${prefix}was on`, ALWAYS),
    ...states.map((t, i) => valueInfo(at(stateNames, i), t)),
  ];
  return {
    input: [trips, "", ...given.slice(0, states.length)],
    attribute: [create(AttributeProtoSchema, { name: "body", type: ATTRIBUTE_TYPE.graph, g: graph })],
  };
}

function addNode(writer: Writer, call: Call): void {
  const node = call.op.onnx?.(call.attributes, call.inputs, call.outputs);
  if (node === undefined) throw new Error(`${call.op.name} has neither an ONNX node nor a composition`);
  const parts =
    node.loop !== undefined
      ? loopParts(writer, call, node.loop)
      : {
          input: [
            ...call.inputs.map((t) => nameOf(writer, t)),
            ...(node.constants ?? []).map((t) => writer.names.get(t) ?? addConstant(writer, t)),
          ],
          attribute: Object.entries(node.attributes ?? {}).map(([name, value]) => attribute(name, value)),
        };
  writer.nodes.push(
    create(NodeProtoSchema, {
      name: `${call.op.name}_${writer.nodes.length}`,
      opType: node.type,
      output: call.outputs.map((t) => nameOf(writer, t)),
      ...parts,
    }),
  );
}

/** The graph that named outputs reach. */
function encodeGraph(outputs: Readonly<Record<string, Tensor>>, options: GraphOptions): EncodedGraph {
  const outputNames = Object.keys(outputs);
  const roots = lower(Object.values(outputs), options);
  const writer: Writer = { options, names: new Map(options.outer), nodes: [], initializers: [] };
  const inputs = addLeaves(writer, roots, outputs);
  // A computed output bears its own name. An input, a constant, or a tensor with two output names
  // cannot, and is copied by a node.
  const own = new Map<Tensor, string>();
  roots.forEach((t, i) => {
    if (t.source.kind === "call" && !own.has(t)) own.set(t, at(outputNames, i));
  });
  let values = 0;
  for (const call of topological(roots)) {
    for (const t of call.outputs) writer.names.set(t, own.get(t) ?? `${options.prefix}${values++}`);
    addNode(writer, call);
  }
  const results = outputNames.map((name, i) => {
    const root = at(roots, i);
    if (own.get(root) !== name) {
      const copy = { name: `output_${name}`, opType: "Identity", input: [nameOf(writer, root)], output: [name] };
      writer.nodes.push(create(NodeProtoSchema, copy));
    }
    return valueInfo(name, root);
  });
  const graph = create(GraphProtoSchema, {
    name: "graph",
    node: writer.nodes,
    initializer: writer.initializers,
    input: [...inputs].map(([name, t]) => valueInfo(name, t)),
    output: results,
  });
  return { graph, inputs };
}

interface EncodedGraph {
  readonly graph: GraphProto;
  readonly inputs: ReadonlyMap<string, Tensor>;
}
