/**
 * ONNX models as checkpoints: their tensors are the initialisers of the main graph, whose values
 * lie in the model's file or in files beside it. Nothing else of the model is read, and rewriting
 * leaves all other bytes as they are.
 */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { show } from "../../../show.ts";
import type { CheckpointFile, StoredTensor } from "../checkpoint-file.ts";
import { ALL_DECODERS, ELEMENT_BYTES, numberType } from "../dtypes.ts";
import { encodeFor } from "../encode-values.ts";
import { type Patch, patchedCopy } from "../patched-copy.ts";
import { writePieces } from "../pieces.ts";
import { keepingOpen, type OpenPlainFile, openPlain, type PlainFile } from "../plain-file.ts";
import { readFloats } from "../read-floats.ts";
import { EXPORT_AGAIN, type OnnxTensors, readOnnxTensors } from "./onnx-tensors.ts";
import { type ByteRange, packedVarints } from "./onnx-wire.ts";

/** An open model, and the open files beside it that hold some of its values. */
interface OpenModel extends OnnxTensors {
  readonly main: OpenPlainFile;
  readonly others: ReadonlyMap<string, OpenPlainFile>;
  readonly close: () => Promise<void>;
}

async function openModel(path: string): Promise<OpenModel> {
  const others = new Map<string, OpenPlainFile>();
  const main = await openPlain(path);
  const close = async () => {
    for (const file of [main, ...others.values()]) await file.close();
  };
  return keepingOpen({ ...main, close }, async () => {
    const { tensors, metadata } = await readOnnxTensors(path, main);
    const external = new Map<string, Placed[]>();
    for (const [name, { place }] of tensors) {
      if (place?.kind !== "bytes" || place.file === undefined) continue;
      const { file, begin, bytes } = place;
      const other = others.get(file) ?? (await openPlain(join(dirname(path), file)));
      others.set(file, other);
      if (begin + bytes > other.size)
        main.refuse(
          `tensor ${show(name)} ends after byte ${begin + bytes} of ${show(file)}, which has ${other.size}`,
          EXPORT_AGAIN,
        );
      if (bytes > 0) external.set(file, [...(external.get(file) ?? []), { name, begin, bytes }]);
    }
    for (const [file, placed] of external) checkNoOverlap(file, placed, main);
    return { tensors, metadata, main, others, close };
  });
}

/** Where the values of a tensor lie in a file. */
interface Placed {
  readonly name: string;
  readonly begin: number;
  readonly bytes: number;
}

/** Tensors in one file may be the same bytes, as tied weights are, but may not overlap in part. */
function checkNoOverlap(file: string, placed: readonly Placed[], { refuse }: PlainFile): void {
  let before: Placed | undefined;
  for (const own of placed.toSorted((a, b) => a.begin - b.begin)) {
    const overlaps = before !== undefined && before.begin + before.bytes > own.begin;
    if (overlaps && (before?.begin !== own.begin || before.bytes !== own.bytes))
      refuse(`tensors ${show(before?.name ?? "")} and ${show(own.name)} overlap in ${show(file)}`, EXPORT_AGAIN);
    before = own;
  }
}

/** Whether files beside a model hold some of its numbers. */
export async function hasFilesBeside(path: string): Promise<boolean> {
  const { others, close } = await openModel(path);
  await close();
  return others.size > 0;
}

/**
 * Opens a model's initialisers.
 * @throws UserError `E_CHECKPOINT` when the file, or one beside it that it needs, is missing or
 *   damaged.
 */
export async function openOnnxInitialisers(path: string): Promise<CheckpointFile> {
  const { tensors, metadata, main, others, close } = await openModel(path);
  return {
    format: "onnx",
    metadata,
    tensors,
    close,
    bytes: [main, ...others.values()].reduce((sum, { size }) => sum + size, 0),
    async readFloats(name, start, into) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new RangeError(`there is no tensor ${show(name)}`);
      const dtype = numberType(tensor.dtype);
      const { place } = tensor;
      if (place?.kind === "list") {
        const fail = (problem: string): never => main.refuse(`in tensor ${show(name)}: ${problem}`, EXPORT_AGAIN);
        await readList(main, { ...tensor, list: place.list }, start, into, fail);
      } else if (into.length > 0) {
        const { read } = (place?.file === undefined ? main : others.get(place.file)) ?? main;
        await readFloats(read, dtype, (place?.begin ?? 0) + (ELEMENT_BYTES.get(dtype) ?? 0) * start, into);
      }
    },
  };
}

/**
 * Reads elements of a list of varints, each of which holds in its lowest bits those of an element.
 */
async function readList(
  { read }: PlainFile,
  { list, dtype, count }: StoredTensor & { readonly list: ByteRange },
  start: number,
  into: Float32Array,
  fail: (problem: string) => never,
): Promise<void> {
  const width = ELEMENT_BYTES.get(dtype) ?? 0;
  const end = start + into.length;
  const bits = new DataView(new ArrayBuffer(into.length * width));
  let found = 0;
  for await (const numbers of packedVarints(read, list, fail)) {
    for (const [i, number] of numbers.entries()) {
      const at = (found + i - start) * width;
      if (at < 0 || at >= bits.byteLength) continue;
      if (width === 8) bits.setBigUint64(at, number, true);
      else if (width === 4) bits.setUint32(at, Number(number & 0xffffffffn), true);
      else if (width === 2) bits.setUint16(at, Number(number & 0xffffn), true);
      else bits.setUint8(at, Number(number & 0xffn));
    }
    found += numbers.length;
    if (found > count || (found >= end && end < count)) break;
  }
  if (found < end || found > count)
    fail(`it is a list of ${found > count ? "more" : found} numbers, expected ${count}`);
  ALL_DECODERS.get(dtype)?.(bits.buffer, into);
}

/**
 * Writes a copy of a model with other values of some initialisers, and of the files of numbers
 * beside it.
 * @returns the SHA-256 of the copy, in hexadecimal; of several files that of their checksums.
 * @throws UserError `E_CHECKPOINT` when the file is damaged, has no such initialiser or one of
 *   another size or type, or when a file of numbers would be replaced that is the model's own or
 *   another's.
 */
export async function rewriteOnnx(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
): Promise<string> {
  const { tensors, main, others, close } = await openModel(path);
  try {
    for (const file of others.keys()) await checkFree(path, to, file, main);
    const patches = new Map<string | undefined, Map<number, Patch & { readonly name: string }>>();
    for (const [name, bytes] of encodeFor(main.refuse, tensors, values)) {
      const place = tensors.get(name)?.place;
      if (bytes.length === 0 || place === undefined) continue;
      if (place.kind === "list")
        return main.refuse(
          `tensor ${show(name)} stands as a list of numbers, which is not rewritten`,
          "export the model again with its numbers as raw bytes, as onnx.numpy_helper.from_array makes them",
        );
      const { file, begin } = place;
      const own = patches.get(file) ?? new Map<number, Patch & { readonly name: string }>();
      patches.set(file, own);
      const same = own.get(begin);
      if (same !== undefined && Buffer.compare(same.bytes, bytes) !== 0)
        main.refuse(
          `${show(name)} shares elements with ${show(same.name)}, and they are given different values`,
          "generate one of them, or none",
        );
      own.set(begin, { name, position: begin, bytes });
    }
    const copy = (file: PlainFile, place: string, own = new Map<number, Patch>()) =>
      writePieces(place, patchedCopy(file, own.values()));
    // The model first: where it stands, the files of numbers beside it are its own.
    const sums = [await copy(main, to, patches.get(undefined))];
    for (const [file, other] of others) sums.push(await copy(other, join(dirname(to), file), patches.get(file)));
    const [only] = sums;
    return sums.length === 1 && only !== undefined ? only : createHash("sha256").update(sums.join()).digest("hex");
  } finally {
    await close();
  }
}

/**
 * Makes sure that a copy's file of numbers replaces none of this model, nor of a model that was
 * there before.
 */
async function checkFree(path: string, to: string, file: string, { refuse }: PlainFile): Promise<void> {
  const real = (place: string) => realpath(place).catch(() => undefined);
  const target = join(dirname(to), file);
  const there = await real(target);
  const numbers = `its numbers lie in ${show(file)} beside it, which a copy there would replace`;
  if (resolve(target) === resolve(to))
    refuse(`the copy is called ${show(file)} as its numbers are`, "choose another name");
  if (there === undefined) return;
  if (there === (await real(join(dirname(path), file)))) refuse(numbers, "choose another folder");
  if ((await real(to)) === undefined)
    refuse(`${numbers}; in ${dirname(to)} it may belong to another model`, "choose a folder for each model");
}
