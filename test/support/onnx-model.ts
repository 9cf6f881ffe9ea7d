/** ONNX models for tests, made of a few nodes. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";

import {
  type FunctionProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
} from "../../src/graph/onnx_pb.ts";

type Node = MessageInitShape<typeof NodeProtoSchema>;
type LocalFunction = MessageInitShape<typeof FunctionProtoSchema>;
type Initialiser = MessageInitShape<typeof TensorProtoSchema>;
type Attribute = NonNullable<Node["attribute"]>[number];

/** Element types by their number. */
export const FLOAT = 1;
const INT64 = 7;
const [FLOAT_ATTRIBUTE, INT, TEXT, INTS] = [1, 2, 3, 7];

/** A node of one output. */
export const node = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attribute: readonly Attribute[] = [],
  more: Node = {},
): Node => ({
  opType,
  input: [...inputs],
  output: [output],
  name: `the ${opType}`,
  attribute: [...attribute],
  ...more,
});

/** Attributes. */
export const int = (name: string, i: number): Attribute => ({ name, i: BigInt(i), type: INT });
export const float = (name: string, f: number): Attribute => ({ name, f, type: FLOAT_ATTRIBUTE });
export const text = (name: string, value: string): Attribute => ({
  name,
  type: TEXT,
  s: new TextEncoder().encode(value),
});
export const ints = (name: string, values: readonly number[]): Attribute => ({
  name,
  ints: values.map(BigInt),
  type: INTS,
});

/** Initialisers. */
export const floats = (name: string, dims: readonly number[], values: readonly number[]) => ({
  name,
  dims: dims.map(BigInt),
  dataType: FLOAT,
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});
export const longs = (name: string, values: readonly number[]) => ({
  name,
  dims: [BigInt(values.length)],
  dataType: INT64,
  int64Data: values.map(BigInt),
});

const dimension = (d: number | string) => ({
  value:
    typeof d === "number" ? { case: "dimValue" as const, value: BigInt(d) } : { case: "dimParam" as const, value: d },
});

/** A model from `x` to `y`. */
export function modelOf(
  nodes: readonly Node[],
  {
    initializer = [],
    shape = ["n", 3],
    version = 17,
    functions = [],
  }: {
    readonly initializer?: readonly Initialiser[];
    readonly functions?: readonly LocalFunction[];
    readonly shape?: readonly (number | string)[];
    readonly version?: number;
  } = {},
): Uint8Array {
  const tensorType = { elemType: FLOAT, shape: { dim: shape.map(dimension) } };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: "", version: BigInt(version) }],
      functions: [...functions],
      graph: {
        node: [...nodes],
        initializer: [...initializer],
        input: [{ name: "x", type: { value: { case: "tensorType", value: tensorType } } }],
        output: [{ name: "y" }],
      },
    }),
  );
}
