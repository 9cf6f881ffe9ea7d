/**
 * Tensors, ops and calls. A graph is a set of immutable tensors, and each knows the call that makes
 * it. There is no graph object: all that an output reaches is the graph. Shapes and dtypes are
 * static and checked when a call is made.
 */
import { UserError } from "../errors.ts";

/** Element types of tensors. Floating point is float32 throughout. */
export type DType = "float32" | "int32" | "int64" | "bool";

/** The array type that holds the elements of each dtype. */
export interface ArrayOf {
  float32: Float32Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

/** Dimensions of a tensor; `[]` for a scalar. */
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
export interface Call<Inputs extends Tensors = Tensors, Attributes = unknown, Outputs extends Tensors = Tensors> {
  readonly op: Op<Inputs, Attributes, Outputs>;
  readonly inputs: Inputs;
  readonly attributes: Attributes;
  readonly outputs: Outputs;
}

/** Tensors in order: the inputs or outputs of an op. A tuple says how many there are. */
export type Tensors = readonly Tensor[];

/** An attribute of an ONNX node: integers, a real number (marked, as 1 may be either) or text. */
export type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

/**
 * A primitive op as one ONNX node: its type, its attributes, and constant inputs after the tensors.
 */
export interface OnnxNode {
  readonly type: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly constants?: readonly Tensor[];
  /** The inner graph of a node that repeats one. */
  readonly loop?: Loop;
}

/**
 * The inner graph of a loop. Its call takes the number of trips, the first states, and the captured
 * tensors.
 */
export interface Loop {
  /**
   * The number of the trip, from 0, int64 of rank 0. With the states it is what the inner graph is
   * fed.
   */
  readonly index: Tensor;
  readonly states: readonly Tensor[];
  /** Placeholders of the captured tensors. The inner graph reads nothing else from outside. */
  readonly captured: readonly Tensor[];
  /** The states after the trip. */
  readonly nexts: readonly Tensor[];
}

/** Where a graph runs: on a CPU, for which fast ways were measured, or anywhere. */
export type Target = "cpu" | "anywhere";

/** An op with any inputs, attributes and outputs. */
export type AnyOp = Op<Tensors, unknown, Tensors>;

/**
 * The whole definition of an op with inputs `[Tensor, …]`. It is one ONNX node (`onnx`) or made of
 * other ops (`compose`). Faster ways to compute it are rules of `lowering/`.
 */
export interface Op<Inputs extends Tensors, Attributes = object, Outputs extends Tensors = readonly [Tensor]> {
  readonly name: string;
  /** The types of the outputs; throws through `shapeError` when the inputs do not fit. */
  infer(inputs: Inputs, attributes: Attributes): { readonly [K in keyof Outputs]: TensorType };
  /** The ONNX node that computes it. */
  onnx?(attributes: Attributes, inputs: Inputs, outputs: Outputs): OnnxNode;
  /** The outputs, computed by other ops. */
  compose?(inputs: Inputs, attributes: Attributes): Outputs;
  /**
   * Vector-Jacobian product: the gradients of the inputs, from those of the outputs. Absent for ops
   * that are not differentiable.
   * @param gradients of each output; undefined where nothing depends on it, which a single output
   *   never is.
   * @param wanted which inputs need an answer.
   */
  gradient?(
    call: Call<Inputs, Attributes, Outputs>,
    gradients: GradientsOf<Outputs>,
    wanted: readonly boolean[],
  ): readonly (Tensor | undefined)[];
}

/** The gradients that reach the outputs of a call. */
export type GradientsOf<Outputs extends Tensors> = Outputs extends readonly [Tensor]
  ? readonly [Tensor]
  : { readonly [K in keyof Outputs]: Tensor | undefined };

/** Number of elements of a shape. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Whether two shapes are equal. */
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** `[2, 3] float32`, for messages. */
export const describe = (t: TensorType): string =>
  `[${t.shape.join(", ")}]${t.dtype === "float32" ? "" : ` ${t.dtype}`}`;

/** The error of an op whose inputs do not fit. `within` adds the scope. */
export function shapeError(op: string, problem: string): UserError {
  return new UserError("E_SHAPE", `${op}: ${problem}`);
}

/** Shape errors whose message already names a place. */
const placed = new WeakSet<Error>();

/**
 * Runs `build`. A shape error raised inside gets the place in the network appended to its message;
 * of nested places, the innermost.
 */
export function within<T>(place: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "E_SHAPE" || placed.has(error)) throw error;
    const located = new UserError("E_SHAPE", `${error.message} (in ${place || "the top level"})`, { cause: error });
    placed.add(located);
    throw located;
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

/** Makes one call: checks the inputs, infers the types of the outputs and returns them. */
export function apply<Inputs extends Tensors, Attributes, Outputs extends Tensors>(
  op: Op<Inputs, Attributes, Outputs>,
  inputs: NoInfer<Inputs>,
  attributes: NoInfer<Attributes>,
): Outputs {
  const outputs: Tensor[] = [];
  const call: Call = { op: op as AnyOp, inputs, attributes, outputs };
  op.infer(inputs, attributes).forEach(({ shape, dtype }, index) => {
    outputs.push({ shape: checkedShape(op.name, shape), dtype, source: { kind: "call", call, index } });
  });
  return outputs as Tensors as Outputs;
}

/** Sizes of a tensor's spatial axes, those after the batch and the channels. */
export const spatialOf = (x: TensorType): number[] => x.shape.slice(2);

/** The spatial axes of a tensor: 2, 3, … */
export const spatialAxes = (x: TensorType): number[] => spatialOf(x).map((_, i) => i + 2);
