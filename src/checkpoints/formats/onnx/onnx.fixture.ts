/**
 * ONNX models for tests, byte by byte: messages of protocol buffers as onnx writes them, and as it
 * never would.
 */

/** A number as protocol buffers write it. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

/** A field: a number, or bytes or text with their length. */
export function field(number: number, value: number | bigint | string | Uint8Array): Buffer {
  if (typeof value === "number" || typeof value === "bigint") return Buffer.concat([varint(8 * number), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(8 * number + 2), varint(bytes.length), bytes]);
}

/** A tensor's fields, of float32 unless another type is given. */
export function tensorMessage(
  name: string,
  dims: readonly (number | bigint)[],
  rest: readonly Uint8Array[],
  type = 1,
): Buffer {
  return Buffer.concat([...dims.map((n) => field(1, n)), field(2, type), ...rest, field(8, name)]);
}

/** The fields of a tensor whose numbers lie in another file. */
export function external(places: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(places).map(([key, value]) =>
    field(13, Buffer.concat([field(1, key), field(2, value)])),
  );
  return Buffer.concat([...pairs, field(14, 1)]);
}

/** A model with initialisers, and with more fields. */
export function modelFile(tensors: readonly Uint8Array[], ...more: readonly Uint8Array[]): Buffer {
  return Buffer.concat([field(1, 9), ...more, field(7, Buffer.concat(tensors.map((tensor) => field(5, tensor))))]);
}
