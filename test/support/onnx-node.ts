/** ONNX nodes for tests, bound to their inputs without a model. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";

import type { DType, Shape, Tensor } from "../../src/graph/index.ts";
import { AttributeProtoSchema } from "../../src/graph/onnx_pb.ts";
import { attributesOf } from "../../src/graph/onnx-import/attributes.ts";
import { type BoundNode, boundNode, isKnown, tensorOf, type Value } from "../../src/graph/onnx-import/bound-node.ts";
import type { Known } from "../../src/graph/onnx-import/constants.ts";
import type { Operator } from "../../src/graph/onnx-import/operators/operator.ts";

/** An attribute, as `int`, `float`, `ints` and `text` of `onnx-model.ts` make them. */
export type Attribute = MessageInitShape<typeof AttributeProtoSchema>;

/** What a node has beside its inputs. */
export interface NodeFacts {
  /** Version of the operators; 17 by default. */
  readonly opset?: number;
  /** Number of outputs; 1 by default. */
  readonly outputs?: number;
}

/** Attributes by name, as a parsed node has them. */
export const attributeMap = (attributes: readonly Attribute[]) =>
  new Map(attributes.map((attribute) => [attribute.name ?? "", create(AttributeProtoSchema, attribute)]));

/** A known value; a vector of float32 by default. */
export const known = (
  values: readonly number[],
  shape: Shape = [values.length],
  dtype: DType = "float32",
): Known & { readonly data: Float32Array | Float64Array } => ({
  dtype,
  shape,
  data: dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values),
});

/** Known whole numbers; a vector by default. */
export const whole = (values: readonly number[], shape: Shape = [values.length]): Known =>
  known(values, shape, "int64");

/** A node with the given inputs; undefined for one that is left out. */
export const bind = (
  inputs: readonly (Value | undefined)[],
  attributes: readonly Attribute[] = [],
  { opset = 17, outputs = 1 }: NodeFacts = {},
): BoundNode => boundNode(inputs, { attributes: attributesOf(attributeMap(attributes)), opset, outputs });

/** The outputs of an operator, as tensors. */
export function outputsOf(operator: Operator | undefined, node: BoundNode): Tensor[] {
  const result = operator!(node);
  const list: readonly Value[] = "shape" in result ? [result] : result;
  return list.map((value) => (isKnown(value) ? tensorOf(value) : value));
}

/** The only output of an operator, as a tensor. */
export const outputOf = (operator: Operator | undefined, node: BoundNode): Tensor => outputsOf(operator, node)[0]!;
