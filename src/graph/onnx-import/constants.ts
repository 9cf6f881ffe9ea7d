/** Values that are known when a graph is built: shapes, indices, and what is worked out from them. */
import { fromFloat16 } from "../float16.ts";
import type { TensorProto } from "../onnx_pb.ts";
import { type ArrayOf, constant, type DType, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { refuse } from "./refuse.ts";

/** A value that is known. Whole numbers and truth values are held as float64, which holds them exactly up to 2^53. */
export interface Known {
  readonly dtype: DType;
  /** Dimensions may be 0, as in the empty shape of a scalar. */
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
}

/** The most elements that are worked out when a graph is built, and of one initialiser. */
const MOST_ELEMENTS = 2 ** 28;

/** Refuses to make something huge of something small. */
export function checkSize(shape: Shape): Shape {
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0) || sizeOf(shape) > MOST_ELEMENTS)
    refuse(`it makes a tensor of shape [${shape.join(", ")}], expected at most ${MOST_ELEMENTS} elements`);
  return shape;
}

/** Whole numbers as an int64 vector. */
export const knownVector = (values: readonly number[]): Known => ({
  dtype: "int64",
  shape: [values.length],
  data: Float64Array.from(values),
});

/** As a constant of the graph. */
export function asConstant({ dtype, shape, data }: Known): Tensor {
  if (dtype === "float32") return constant(data instanceof Float32Array ? data : Float32Array.from(data), shape);
  if (dtype === "int64")
    return constant(
      BigInt64Array.from(data, (v) => BigInt(Math.trunc(v))),
      shape,
    );
  if (dtype === "int32") return constant(Int32Array.from(data), shape);
  return { shape, dtype, source: { kind: "constant", data: Uint8Array.from(data) as ArrayOf["bool"] } };
}

/** Element types by their number: how wide they are, what they become, and how the bytes are read. */
interface ElementType {
  readonly dtype: DType;
  readonly width: number;
  readonly read: (view: DataView, at: number) => number;
}
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

/** The dtype that a type of ONNX becomes here; undefined for texts and the like. */
export const dtypeOf = (type: number): DType | undefined => TYPES[type]?.dtype;

/** The value of a tensor of the file. Numbers with a fraction become float32, whatever their type. */
export function knownOf(
  tensor: TensorProto,
  external?: (location: string, offset: number, length: number | undefined) => Uint8Array,
): Known {
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
      return refuse(`its tensor ${name} lies in another file, which is not here`);
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
    // A copy of its own, as the bytes may lie anywhere in the file's.
    const data = new Float32Array(count);
    new Uint8Array(data.buffer).set(bytes);
    return { dtype, shape, data };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, i * width);
  return { dtype, shape, data };
}
