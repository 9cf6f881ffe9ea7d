/**
 * Files of NumPy for tests: an array as it saves one, headers as it never would, and zip archives
 * of such files.
 */
import { readFileSync } from "node:fs";

import { ZipFile } from "yazl";

/** A file of one array: any header, padded as NumPy pads it, and its elements. */
export function npyFile(header: string, elements: Uint8Array, version: readonly [number, number] = [1, 0]): Buffer {
  const start = version[0] === 1 ? 10 : 12;
  const text = Buffer.from(`${header}${" ".repeat((64 - ((start + header.length + 1) % 64)) % 64)}\n`, "latin1");
  const prefix = Buffer.alloc(start);
  prefix.write("\x93NUMPY", "latin1");
  prefix[6] = version[0];
  prefix[7] = version[1];
  if (version[0] === 1) prefix.writeUInt16LE(text.length, 8);
  else prefix.writeUInt32LE(text.length, 8);
  return Buffer.concat([prefix, text, elements]);
}

/** The header that NumPy writes. */
export function npyHeader(descr: string, fortran: boolean, shape: readonly number[]): string {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  return `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${tuple}, }`;
}

/** A zip archive. */
export async function zipOf(entries: Readonly<Record<string, Uint8Array>>, compress: boolean): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(entries))
    zip.addBuffer(Buffer.from(bytes), name, { compress, mtime: new Date(2020, 1, 1), forceDosTimestamp: true });
  zip.end();
  const pieces: Uint8Array[] = [];
  for await (const piece of zip.outputStream as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A file that NumPy wrote, and what it holds or why it is refused. */
export interface NumpyCase {
  readonly file: string;
  readonly open: string;
  readonly refused?: string;
  readonly dtypes: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** The cases of the fixture that are opened by a name. */
export const numpyCases = (name: string): [string, NumpyCase][] =>
  Object.entries(JSON.parse(readFileSync("test/fixtures/numpy.json", "utf8")) as Record<string, NumpyCase>).filter(
    ([, { open }]) => open === name,
  );

export const bytesOf = ({ file }: NumpyCase): Buffer => Buffer.from(file, "base64");
