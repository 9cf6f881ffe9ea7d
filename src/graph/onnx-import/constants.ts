/** Values that are known when a graph is built: shapes, indices, and what follows from them. */
import { fromFloat16 } from "../float16.ts";
import type { TensorProto } from "../onnx_pb.ts";
import { type ArrayOf, constant, type DType, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { refuse } from "./refuse.ts";

/**
 * A value that is known when the graph is built. Whole numbers and truth values are kept as
 * float64, which is exact up to 2^53.
 */
export interface Known {
  readonly dtype: DType;
  /** Empty for a scalar; dimensions may be 0. */
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
}

/** The most elements of one initialiser, and of one value that is broadcast. */
const MAX_ELEMENTS = 2 ** 28;

/** The most dimensions of a tensor, as in PyTorch. */
export const MAX_RANK = 64;

/** The most elements of one constant that is made while a graph is built. */
const MAX_MADE = 2 ** 24;

/**
 * The same shape, when the model may have a tensor of it: a small model can ask for a huge one.
 * @throws UserError `E_CHECKPOINT` for more than 2^28 elements or 64 dimensions, and for a negative
 *   dimension.
 */
export const checkSize = (shape: Shape): Shape => checkElements(shape, MAX_ELEMENTS);

/**
 * The same for a constant that is not in the model's file, with at most 2^24 elements.
 * @throws UserError as `checkSize`.
 */
export const checkMade = (shape: Shape): Shape => checkElements(shape, MAX_MADE);

function checkElements(shape: Shape, most: number): Shape {
  if (shape.length > MAX_RANK) refuse(`it makes a tensor of ${shape.length} dimensions, expected at most ${MAX_RANK}`);
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0) || sizeOf(shape) > most)
    refuse(`it makes a tensor of shape [${shape.join(", ")}], expected at most ${most} elements`);
  return shape;
}

/** Whole numbers as an int64 vector. */
export const knownVector = (values: readonly number[]): Known => ({
  dtype: "int64",
  shape: [values.length],
  data: Float64Array.from(values),
});

/** A known value as a constant of the graph. */
export function asConstant({ dtype, shape, data }: Known): Tensor {
  if (dtype === "float32") return constant(data instanceof Float32Array ? data : Float32Array.from(data), shape);
  if (dtype === "int64")
    return constant(
      BigInt64Array.from(data, (v) => BigInt(Math.trunc(finite(v)))),
      shape,
    );
  if (dtype === "int32") return constant(Int32Array.from(data, finite), shape);
  return { shape, dtype, source: { kind: "constant", data: Uint8Array.from(data) as ArrayOf["bool"] } };
}

/** A whole number that a model computes; a division by zero gives none. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : refuse(`it computes the whole number ${value}`);
}

/** How elements of a type are stored in the file: their bytes, and the type they become. */
interface ElementType {
  readonly dtype: DType;
  readonly width: number;
  readonly read: (view: DataView, at: number) => number;
}
/** ONNX's element types by number. */
const TYPES: Readonly<Record<number, ElementType>> = {
  1: { dtype: "float32", width: 4, read: (v, at) => v.getFloat32(at, true) },
  2: { dtype: "int32", width: 1, read: (v, at) => v.getUint8(at) },
  3: { dtype: "int32", width: 1, read: (v, at) => v.getInt8(at) },
  4: { dtype: "int32", width: 2, read: (v, at) => v.getUint16(at, true) },
  5: { dtype: "int32", width: 2, read: (v, at) => v.getInt16(at, true) },
  6: { dtype: "int32", width: 4, read: (v, at) => v.getInt32(at, true) },
  7: { dtype: "int64", width: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
  9: { dtype: "bool", width: 1, read: (v, at) => v.getUint8(at) },
  10: { dtype: "float32", width: 2, read: (v, at) => fromFloat16(v.getUint16(at, true)) },
  11: { dtype: "float32", width: 8, read: (v, at) => v.getFloat64(at, true) },
  12: { dtype: "int64", width: 4, read: (v, at) => v.getUint32(at, true) },
  13: { dtype: "int64", width: 8, read: (v, at) => Number(v.getBigUint64(at, true)) },
  16: { dtype: "float32", width: 2, read: (v, at) => bfloat16(v.getUint16(at, true)) },
};

const word = new DataView(new ArrayBuffer(4));
function bfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** The dtype that an ONNX element type becomes; undefined for strings and other types not read. */
export const dtypeOf = (type: number): DType | undefined => TYPES[type]?.dtype;

/** Reads bytes of a file beside the model; `length` is undefined for the rest of the file. */
export type ExternalReader = (location: string, offset: number, length: number | undefined) => Uint8Array;

/**
 * The value of a tensor of the file. Floating-point numbers of any type become float32.
 * @param external reads tensors that are stored in files beside the model.
 * @throws UserError `E_CHECKPOINT` when the tensor is too large, of an unknown type, or damaged.
 */
export function knownOf(tensor: TensorProto, external?: ExternalReader): Known {
  const { name } = tensor;
  const type = TYPES[tensor.dataType] ?? refuse(`its tensor ${name} is of type ${tensor.dataType}, which is not read`);
  const shape = checkSize(tensor.dims.map(Number));
  const count = sizeOf(shape);
  const { dtype } = type;
  const array = (values: ArrayLike<number>): Known => {
    if (values.length !== count)
      refuse(`its tensor ${name} has ${values.length} numbers, expected ${count} for [${shape}]`);
    return { dtype, shape, data: dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values) };
  };
  if (tensor.dataLocation === 1) {
    const where = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
    const offset = Number(where.get("offset") ?? 0);
    const length = where.has("length") ? Number(where.get("length")) : undefined;
    if (
      external === undefined ||
      !Number.isSafeInteger(offset) ||
      (length !== undefined && !Number.isSafeInteger(length))
    )
      return refuse(`its tensor ${name} lies in another file, which is missing`);
    return fromBytes(external(where.get("location") ?? "", offset, length), { name, type, shape });
  }
  if (tensor.rawData.length > 0 || count === 0) return fromBytes(tensor.rawData, { name, type, shape });
  if (tensor.floatData.length > 0) return array(tensor.floatData);
  if (tensor.doubleData.length > 0) return array(tensor.doubleData);
  if (tensor.int64Data.length > 0) return array(tensor.int64Data.map(Number));
  if (tensor.uint64Data.length > 0) return array(tensor.uint64Data.map(Number));
  if (tensor.dataType === 10) return array(tensor.int32Data.map(fromFloat16));
  if (tensor.dataType === 16) return array(tensor.int32Data.map(bfloat16));
  return array(tensor.int32Data);
}

function fromBytes(bytes: Uint8Array, { name, type, shape }: { name: string; type: ElementType; shape: Shape }): Known {
  const { dtype, width, read } = type;
  const count = sizeOf(shape);
  if (bytes.length !== count * width)
    refuse(`its tensor ${name} has ${bytes.length} bytes, expected ${count * width} for [${shape}]`);
  if (dtype === "float32" && width === 4) {
    // Copied, because the bytes may lie at an offset that is no multiple of four.
    const data = new Float32Array(count);
    new Uint8Array(data.buffer).set(bytes);
    return { dtype, shape, data };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, i * width);
  return { dtype, shape, data };
}
