/** Archives of arrays as NumPy saves them (.npz): a zip of .npy files, stored or compressed. */
import { get, given } from "../../../lookup.ts";
import { show } from "../../../show.ts";
import type { CheckpointFile } from "../checkpoint-file.ts";
import { encodeFor } from "../encode-values.ts";
import { writePieces } from "../pieces.ts";
import { keepingOpen, openPlain, type PlainFile, withPlainFile } from "../plain-file.ts";
import { budgetOf } from "../torch/torch-tensors.ts";
import { openZip, type ZipContent } from "../zip.ts";
import { rewrittenZip } from "../zip-rewrite.ts";
import { inStoredOrder, type NpyArray, npyReader, readNpyHeader } from "./npy.ts";

const SAVE_AGAIN = "copy the file again, or save it again with numpy.savez(FILE, **arrays)";

const ENDING = ".npy";

/** The arrays of an archive. */
interface Arrays {
  readonly tensors: ReadonlyMap<string, NpyArray>;
  readonly contents: ReadonlyMap<string, ZipContent>;
  /** Arrays of texts or times, which stay as they are, in clauses. */
  readonly beside: readonly string[];
}

async function readArrays(file: PlainFile): Promise<Arrays> {
  const fail = (problem: string): never => file.refuse(problem, SAVE_AGAIN);
  const zip = await openZip(file);
  const spend = budgetOf(file);
  const tensors = new Map<string, NpyArray>();
  const contents = new Map<string, ZipContent>();
  const beside: string[] = [];
  for (const entry of zip.names) {
    if (!entry.endsWith(ENDING)) fail(`it has ${show(entry)}, which is no array`);
    const name = entry.slice(0, -ENDING.length);
    const content = given(await zip.open(entry, spend));
    const array = await readNpyHeader(content.peek, content.size, (problem) => fail(`in ${show(name)}: ${problem}`));
    if (typeof array === "string") {
      beside.push(`the array ${show(name)} of type ${show(array)}`);
      continue;
    }
    tensors.set(name, array);
    contents.set(name, content);
  }
  if (tensors.size === 0) fail("it holds no arrays of numbers");
  return { tensors, contents, beside };
}

/**
 * Opens an archive of arrays.
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, or holds anything but arrays of
 *   numbers.
 */
export async function openNpz(path: string): Promise<CheckpointFile> {
  return keepingOpen(await openPlain(path), async (file) => {
    const { tensors, contents, beside } = await readArrays(file);
    const readers = new Map([...tensors].map(([name, array]) => [name, npyReader(get(contents, name).read, array)]));
    return {
      format: "npz",
      bytes: file.size,
      metadata: {},
      tensors,
      beside,
      readFloats: (name, start, into) => get(readers, name)(start, into),
      close: file.close,
    };
  });
}

/**
 * Writes a copy of an archive with other values of some arrays, in their types and orders.
 * @returns the SHA-256 of the copy, in hexadecimal.
 */
export function rewriteNpz(path: string, to: string, values: ReadonlyMap<string, Float32Array>): Promise<string> {
  return withPlainFile(path, async (file) => {
    const { tensors, contents } = await readArrays(file);
    const entries = new Map<string, Uint8Array>();
    for (const [name, bytes] of encodeFor(file.refuse, tensors, values)) {
      const { size, read } = get(contents, name);
      const array = get(tensors, name);
      const entry = new Uint8Array(size);
      await read(0, entry.subarray(0, array.begin));
      entry.set(inStoredOrder(bytes, array), array.begin);
      entries.set(`${name}${ENDING}`, entry);
    }
    return writePieces(to, await rewrittenZip(file, entries));
  });
}
