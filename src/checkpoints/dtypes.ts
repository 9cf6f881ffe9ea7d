/** The element types of safetensors, and the exact or correctly rounded way from the floating-point ones to float32. */

/** Bytes per element of every type that fills whole bytes. */
export const ELEMENT_BYTES: ReadonlyMap<string, number> = new Map([
  ...["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"].map((dtype) => [dtype, 1] as const),
  ...["U16", "I16", "F16", "BF16"].map((dtype) => [dtype, 2] as const),
  ...["U32", "I32", "F32"].map((dtype) => [dtype, 4] as const),
  ...["U64", "I64", "F64", "C64"].map((dtype) => [dtype, 8] as const),
]);

/** Fills `into` from the little-endian elements at the start of `from`. */
type Decoder = (from: ArrayBuffer, into: Float32Array) => void;

/** The floating-point types, which are read as float32. */
export const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["F32", (from, into) => into.set(new Float32Array(from, 0, into.length))],
  ["F64", (from, into) => into.set(new Float64Array(from, 0, into.length))],
  ["F16", decodeFloat16],
  ["BF16", decodeBfloat16],
]);

/** Those and the whole numbers and truth values, which float32 holds exactly up to 2^24 and rounds beyond. */
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

function decodeLongs(from: BigInt64Array | BigUint64Array, into: Float32Array): void {
  for (let i = 0; i < from.length; i++) into[i] = Number(from[i]!);
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
