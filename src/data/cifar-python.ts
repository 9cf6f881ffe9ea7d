/**
 * CIFAR's Python version: pickles of Python 2 with a dict of a NumPy array of pixels and lists of
 * labels. They are read without running anything; NumPy's arrays of bytes are the only objects
 * allowed.
 */

import { type PythonObject, unpickle } from "../files/index.ts";
import { at } from "../lookup.ts";
import { show } from "../show.ts";
import { CIFAR_CHANNELS, CIFAR_SIDE } from "./cifar.ts";
import type { LabelledImages } from "./labelled-images.ts";
import { AGAIN, readStored, refuseFile } from "./stored-file.ts";

const PIXELS = CIFAR_CHANNELS * CIFAR_SIDE * CIFAR_SIDE;

/** The content of a file. */
interface PythonBatch {
  /** `[count, 3, 32, 32]` */
  readonly pixels: Uint8Array;
  readonly labels: readonly unknown[];
}

/**
 * Reads files as one sequence of images.
 * @param labels the name of the list of classes, and the number of classes.
 * @returns images `[count, 3, 32, 32]`, and the checksum of every file.
 * @throws UserError `E_DATA` naming the file when it cannot be read, asks for another Python
 *   object, or has another number of labels than images.
 */
export async function readPythonCifar(
  paths: readonly string[],
  { name, values }: { readonly name: string; readonly values: number },
): Promise<LabelledImages & { checksums: readonly string[] }> {
  const batches: PythonBatch[] = [];
  const checksums: string[] = [];
  for (const path of paths) {
    const { bytes, sha256 } = await readStored(path);
    batches.push(batchOf(path, bytes, name));
    checksums.push(sha256);
  }
  const count = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let i = 0;
  for (const [k, batch] of batches.entries()) {
    images.set(batch.pixels, i * PIXELS);
    for (const label of batch.labels) {
      if (typeof label !== "number" || !(label >= 0 && label < values))
        refuseFile(at(paths, k), `gives image ${i} a label that is none of 0 to ${values - 1}; ${AGAIN}`);
      labels[i++] = label as number;
    }
  }
  return { channels: CIFAR_CHANNELS, height: CIFAR_SIDE, width: CIFAR_SIDE, images, labels, checksums };
}

/** A NumPy array, which receives its state after it is made. */
class NumpyArray {
  shape: readonly unknown[] = [];
  /** The elements; Python 2 gave them as a text, which many arrays may share. */
  #data: string | Uint8Array = new Uint8Array();
  readonly #refuse: (problem: string) => never;

  constructor(refuse: (problem: string) => never) {
    this.#refuse = refuse;
  }

  /** The state: version, shape, type, whether columns come first, bytes. */
  setState(state: unknown): void {
    if (!Array.isArray(state)) this.#refuse("its pickle has an array without a state");
    const [, shape, type, columnsFirst, data] = state as unknown[];
    const isBytes = typeof data === "string" || data instanceof Uint8Array;
    if (
      !Array.isArray(shape) ||
      !(type instanceof NumpyType) ||
      type.code !== "u1" ||
      columnsFirst === true ||
      !isBytes
    )
      this.#refuse("its pickle has an array that is not one of bytes in rows");
    this.shape = shape as unknown[];
    this.#data = data as string | Uint8Array;
  }

  bytes(): Uint8Array {
    return typeof this.#data === "string" ? Buffer.from(this.#data, "latin1") : this.#data;
  }
}

/** The type of an array's elements. */
class NumpyType {
  readonly code: unknown;

  constructor(code: unknown) {
    this.code = code;
  }

  /** Ignores byte order and alignment, which single bytes do not have. */
  setState(): void {}
}

/** The Python objects that the official files name. */
function objects(refuse: (problem: string) => never): ReadonlyMap<string, PythonObject> {
  const known: PythonObject[] = [
    { name: "numpy.ndarray" },
    { name: "numpy.dtype", call: ([code]) => new NumpyType(code) },
  ];
  for (const module of ["numpy.core.multiarray", "numpy._core.multiarray"])
    known.push({ name: `${module}._reconstruct`, call: () => new NumpyArray(refuse) });
  return new Map(known.map((object) => [object.name, object]));
}

function batchOf(path: string, bytes: Uint8Array, name: string): PythonBatch {
  const refuse = (problem: string): never => refuseFile(path, `is not sound: ${problem}; ${AGAIN}`);
  const { value } = unpickle(bytes, 0, {
    allowed: objects(refuse),
    persistent: () => refuse("its pickle asks for something outside of it"),
    fail: refuse,
    forbid: (object) =>
      refuseFile(path, `asks for the Python object ${show(object)}, which no data set needs; it was not run`),
    ended: () => refuse("it ends too early"),
  });
  if (!(value instanceof Map)) return refuse("it holds no dict");
  const [data, labels] = [value.get("data"), value.get(name)];
  if (!(data instanceof NumpyArray) || !Array.isArray(labels)) return refuse(`it has no data or no ${name}`);
  const [rows, columns] = data.shape;
  const pixels = data.bytes();
  if (rows !== labels.length || columns !== PIXELS || pixels.length !== labels.length * PIXELS)
    return refuse(`its data are not ${labels.length} rows of ${PIXELS} bytes, one for each of its ${name}`);
  return { pixels, labels };
}
