/** Writing MAT-files of level 5 for tests. */
import { deflateSync } from "node:zlib";

export interface Array5 {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float64Array;
}

/** An element: its type and size, then its bytes, filled up to a multiple of eight. */
function element(type: number, data: Buffer): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

/** A file of arrays, each compressed or not. */
export function encodeMatlab(arrays: readonly Array5[], compressed = true): Buffer {
  const header = Buffer.alloc(128, " ");
  header.write("MATLAB 5.0 MAT-file");
  header.writeUInt16LE(0x0100, 124);
  header.write("IM", 126);
  const elements = arrays.map(({ name, shape, values }) => {
    const bytes = values instanceof Uint8Array;
    const flags = Buffer.alloc(8);
    flags[0] = bytes ? 9 : 6;
    const matrix = Buffer.concat([
      element(6, flags),
      element(5, Buffer.from(Int32Array.from(shape).buffer)),
      element(1, Buffer.from(name)),
      element(bytes ? 2 : 9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
    ]);
    const whole = element(14, matrix);
    if (!compressed) return whole;
    const packed = deflateSync(whole);
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(15, 0);
    tag.writeUInt32LE(packed.length, 4);
    return Buffer.concat([tag, packed]);
  });
  return Buffer.concat([header, ...elements]);
}
