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

/** The types that are read as float32. */
export const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["F32", (from, into) => into.set(new Float32Array(from, 0, into.length))],
  ["F64", (from, into) => into.set(new Float64Array(from, 0, into.length))],
  ["F16", decodeFloat16],
  ["BF16", decodeBfloat16],
]);

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
