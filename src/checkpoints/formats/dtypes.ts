/**
 * Element types by safetensors' names, and their conversion to and from float32, exact or correctly
 * rounded.
 */

/** Bytes per element, for every type of whole bytes. */
export const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map([
  ...["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"].map((dtype) => [dtype, 1] as const),
  ...["U16", "I16", "F16", "BF16"].map((dtype) => [dtype, 2] as const),
  ...["U32", "I32", "F32"].map((dtype) => [dtype, 4] as const),
  ...["U64", "I64", "F64", "C64"].map((dtype) => [dtype, 8] as const),
  ["C128", 16],
]);

/** Complex types, by the type of the two real numbers of which an element consists. */
const PARTS: ReadonlyMap<string, string> = new Map([
  ["C64", "F32"],
  ["C128", "F64"],
]);

/** The type of the numbers in which elements are read: complex ones are pairs of real ones. */
export const numberType = (dtype: string): string => PARTS.get(dtype) ?? dtype;

/** Whether elements of a type are complex numbers. */
export const isComplex = (dtype: string): boolean => PARTS.has(dtype);

/** A tensor by its numbers: one of complex elements has one axis more, for their two parts. */
export const byNumbers = <T extends { dtype: string; shape: readonly number[]; count: number }>(tensor: T): T =>
  isComplex(tensor.dtype) ? { ...tensor, shape: [...tensor.shape, 2], count: 2 * tensor.count } : tensor;

/** Fills `into` from the little-endian elements at the start of `from`. */
type Decoder = (from: ArrayBuffer, into: Float32Array) => void;

/** The floating-point types, which are read as float32. */
export const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["F32", (from, into) => into.set(new Float32Array(from, 0, into.length))],
  ["F64", (from, into) => into.set(new Float64Array(from, 0, into.length))],
  ["F16", decodeFloat16],
  ["BF16", decodeBfloat16],
  ["F8_E4M3", (from, into) => decodeBytes(FLOAT8_E4M3, from, into)],
  ["F8_E5M2", (from, into) => decodeBytes(FLOAT8_E5M2, from, into)],
  ["C64", (from, into) => into.set(new Float32Array(from, 0, into.length))],
  ["C128", (from, into) => into.set(new Float64Array(from, 0, into.length))],
]);

/**
 * The same and integers and booleans; float32 holds integers exactly up to 2^24 and rounds beyond.
 */
export const ALL_DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ...DECODERS,
  ["I64", (from, into) => decodeLongs(new BigInt64Array(from, 0, into.length), into)],
  ["I32", (from, into) => into.set(new Int32Array(from, 0, into.length))],
  ["I16", (from, into) => into.set(new Int16Array(from, 0, into.length))],
  ["I8", (from, into) => into.set(new Int8Array(from, 0, into.length))],
  ["U64", (from, into) => decodeLongs(new BigUint64Array(from, 0, into.length), into)],
  ["U32", (from, into) => into.set(new Uint32Array(from, 0, into.length))],
  ["U16", (from, into) => into.set(new Uint16Array(from, 0, into.length))],
  ["U8", (from, into) => into.set(new Uint8Array(from, 0, into.length))],
  ["BOOL", (from, into) => into.set(new Uint8Array(from, 0, into.length).map((byte) => (byte === 0 ? 0 : 1)))],
]);

/** Writes float32 values as the little-endian elements of a type. */
type Encoder = (values: Float32Array) => Uint8Array;

/**
 * Encoders of the floating-point types. They round to the nearest value, and to the even one of two
 * that are equally near, as PyTorch does.
 */
export const ENCODERS: ReadonlyMap<string, Encoder> = new Map<string, Encoder>([
  ["F32", (values) => bytesOf(values)],
  ["C64", (values) => bytesOf(values)],
  ["F64", (values) => bytesOf(Float64Array.from(values))],
  ["C128", (values) => bytesOf(Float64Array.from(values))],
  ["F16", (values) => bytesOf(Uint16Array.from(values, (value) => roundTo(FLOAT16, value)))],
  ["BF16", (values) => bytesOf(Uint16Array.from(values, (value) => roundTo(BFLOAT16, value)))],
  ["F8_E4M3", (values) => Uint8Array.from(values, (value) => roundTo(FLOAT8_E4M3, value))],
  ["F8_E5M2", (values) => Uint8Array.from(values, (value) => roundTo(FLOAT8_E5M2, value))],
]);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array | Uint16Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A narrow floating-point type: one sign bit, and its numbers of exponent and fraction bits. */
interface Narrow {
  readonly exponent: number;
  readonly fraction: number;
  /**
   * Whether the largest exponent means infinity, as in IEEE 754. Otherwise it means numbers, except
   * that the last value is NaN.
   */
  readonly infinities: boolean;
}

const FLOAT16: Narrow = { exponent: 5, fraction: 10, infinities: true };
const BFLOAT16: Narrow = { exponent: 8, fraction: 7, infinities: true };
const FLOAT8_E5M2: Narrow = { exponent: 5, fraction: 2, infinities: true };
const FLOAT8_E4M3: Narrow = { exponent: 4, fraction: 3, infinities: false };

/**
 * The bits of the value nearest to x, of two the even one. Beyond the largest value: infinity, or
 * the largest value if the type has no infinity.
 */
function roundTo({ exponent, fraction, infinities }: Narrow, x: number): number {
  const bias = 2 ** (exponent - 1) - 1;
  const sign = (x < 0 || Object.is(x, -0) ? 1 : 0) << (exponent + fraction);
  const special = ((1 << exponent) - 1) << fraction;
  const notANumber = infinities ? special | (1 << (fraction - 1)) : special | ((1 << fraction) - 1);
  const size = Math.abs(x);
  if (Number.isNaN(x)) return notANumber;
  const most = infinities ? special : notANumber - 1;
  if (size === Infinity) return sign | most;
  if (size === 0) return sign;
  // The spacing of the type's values around x: constant among the subnormal ones.
  const power = Math.max(Math.floor(Math.log2(size)), 1 - bias);
  const steps = roundHalfEven(size / 2 ** (power - fraction));
  // A full number of steps counts the values from 0 on, across exponents.
  const bits = steps + ((power + bias - 1) << fraction);
  return sign | Math.min(bits, most);
}

/** Exact for numbers below 2^52. */
function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** Decodes an 8-bit type by a table of its 256 values. */
function decodeBytes(type: Narrow, from: ArrayBuffer, into: Float32Array): void {
  const table = tableOf(type);
  const bytes = new Uint8Array(from, 0, into.length);
  for (let i = 0; i < bytes.length; i++) into[i] = table[bytes[i]!]!;
}

const tables = new Map<Narrow, Float32Array>();

function tableOf(type: Narrow): Float32Array {
  const known = tables.get(type) ?? Float32Array.from({ length: 256 }, (_, bits) => valueFrom(type, bits));
  tables.set(type, known);
  return known;
}

function valueFrom({ exponent, fraction, infinities }: Narrow, bits: number): number {
  const bias = 2 ** (exponent - 1) - 1;
  const sign = bits >> (exponent + fraction) === 1 ? -1 : 1;
  const power = (bits >> fraction) & ((1 << exponent) - 1);
  const rest = bits & ((1 << fraction) - 1);
  const last = power === (1 << exponent) - 1;
  if (last && infinities) return rest === 0 ? sign * Infinity : Number.NaN;
  if (last && rest === (1 << fraction) - 1) return Number.NaN;
  return power === 0
    ? sign * rest * 2 ** (1 - bias - fraction)
    : sign * (1 + rest / 2 ** fraction) * 2 ** (power - bias);
}

function decodeLongs(from: BigInt64Array | BigUint64Array, into: Float32Array): void {
  from.forEach((value, i) => {
    into[i] = Number(value);
  });
}

/** 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
function decodeFloat16(from: ArrayBuffer, into: Float32Array): void {
  const halves = new Uint16Array(from, 0, into.length);
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0)
      into[i] = (sign < 0 ? -1 : 1) * fraction * 2 ** -24; // zero or subnormal
    else words[i] = sign | (exponent === 0x1f ? 0x7f800000 : (exponent - 15 + 127) << 23) | (fraction << 13);
  }
}

/** The upper half of a float32. */
function decodeBfloat16(from: ArrayBuffer, into: Float32Array): void {
  const halves = new Uint16Array(from, 0, into.length);
  const words = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
}
