/**
 * A graph is a set of immutable tensors, each knowing the call that makes it: there is no graph object to pass around,
 * whatever an output reaches is the graph. Shapes and dtypes are static and checked when a call is made.
 */
import { UserError } from "../errors.ts";

/** Element types that graphs of this project use. Floating point is float32 throughout. */
export type DType = "float32" | "int32" | "int64" | "bool";

/** The array that holds the elements of each dtype. */
export interface ArrayOf {
  float32: Float32Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

export type Shape = readonly number[];

/** Shape and dtype of a tensor. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A value in a graph: an input to be fed, a constant, or output number `index` of a call. */
export interface Tensor extends TensorType {
  readonly source:
    | { readonly kind: "input"; readonly name: string }
    | { readonly kind: "constant"; readonly data: ArrayOf[DType] }
    | { readonly kind: "call"; readonly call: Call; readonly index: number };
}

/** One use of an op. */
export interface Call<A = unknown> {
  readonly op: Op<A>;
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
  readonly outputs: readonly Tensor[];
}

/** An attribute of an ONNX node: integers, real numbers (marked, since 1 may be either) or text. */
export type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

/** How a primitive op is written as one ONNX node: its type, attributes, and constant inputs after the tensors. */
export interface OnnxNode {
  readonly type: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly constants?: readonly Tensor[];
  /** Where the node runs a graph of its own over and over. */
  readonly loop?: Loop;
}

/** The inner graph of a loop, whose call takes the number of trips, the states to begin with, and what is captured. */
export interface Loop {
  /** What the inner graph is fed: the number of the trip, from 0, int64 of rank 0, and the states. */
  readonly index: Tensor;
  readonly states: readonly Tensor[];
  /** What stands in the inner graph for what is captured. It reads nothing else from outside. */
  readonly captured: readonly Tensor[];
  /** The states after the trip. */
  readonly nexts: readonly Tensor[];
}

/** Where a graph is to run: on a CPU, for which the faster of two ways was measured, or anywhere. */
export type Target = "cpu" | "anywhere";

/** The whole definition of an op. It is one ONNX node (`onnx`) or made of other ops (`lower`); with both, a node where `lower` gives no answer. */
export interface Op<A = unknown> {
  readonly name: string;
  /** The types of the outputs; throws through `shapeError` when the inputs do not fit. */
  infer(inputs: readonly Tensor[], attributes: A): readonly TensorType[];
  onnx?(attributes: A, inputs: readonly Tensor[], outputs: readonly Tensor[]): OnnxNode;
  lower?(
    inputs: readonly Tensor[],
    attributes: A,
    outputs: readonly Tensor[],
    target: Target,
  ): readonly Tensor[] | undefined;
  /**
   * Vector-Jacobian product: from the gradients of the outputs (undefined where nothing depends on one) to those of
   * the inputs. Only inputs marked in `wanted` need an answer. Absent for ops that are not differentiable.
   */
  gradient?(
    call: Call<A>,
    gradients: readonly (Tensor | undefined)[],
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[];
}

/** Number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** `[2, 3] float32`, for messages. */
export const describe = (t: TensorType): string =>
  `[${t.shape.join(", ")}]${t.dtype === "float32" ? "" : ` ${t.dtype}`}`;

/** The error of an op whose inputs do not fit. `within` adds the scope. */
export function shapeError(op: string, problem: string): UserError {
  return new UserError("E_SHAPE", `${op}: ${problem}`);
}

/** Runs `build` and adds the place in the network to the message of a shape error raised inside (the innermost place). */
export function within<T>(place: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (error instanceof UserError && error.code === "E_SHAPE" && !error.message.includes(" (in ")) {
      throw new UserError("E_SHAPE", `${error.message} (in ${place || "the top level"})`, { cause: error });
    }
    throw error;
  }
}

function checkedShape(name: string, shape: Shape): Shape {
  for (const d of shape) {
    if (!Number.isInteger(d) || d < 1)
      throw shapeError(name, `dimensions are whole numbers from 1, got [${shape.join(", ")}]`);
  }
  return shape;
}

/** A tensor to be fed when the graph runs. Its name must be unique within a program. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return { shape: checkedShape(name, shape), dtype, source: { kind: "input", name } };
}

/** A tensor known when the graph is built. The array is used as it is, not copied. */
export function constant(data: Float32Array | Int32Array | BigInt64Array, shape: Shape): Tensor {
  const dtype = data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "int64";
  if (data.length !== sizeOf(shape))
    throw shapeError("constant", `${data.length} elements for shape [${shape.join(", ")}]`);
  return { shape, dtype, source: { kind: "constant", data } };
}

/** A float32 constant of rank 0. */
export const scalar = (value: number): Tensor => constant(Float32Array.of(value), []);

/** A list of whole numbers as the int64 vector that ONNX wants for shapes, axes and indices. */
export const integers = (values: readonly number[]): Tensor =>
  constant(BigInt64Array.from(values, BigInt), [values.length]);

/** Makes one call: checks the inputs, infers the outputs' types and returns them. */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[] {
  const types = op.infer(inputs, attributes);
  const outputs: Tensor[] = [];
  const call: Call<A> = { op, inputs, attributes, outputs };
  types.forEach(({ shape, dtype }, index) => {
    outputs.push({ shape: checkedShape(op.name, shape), dtype, source: { kind: "call", call: call as Call, index } });
  });
  return outputs;
}
