/**
 * Tells what a file is that is not what its name says: a Git LFS pointer, a web page, a file of
 * another program. By its first bytes, so that an error can say what to do.
 */

/** Bytes of a file that are enough to tell. */
export const FOREIGN_BYTES = 512;

/** What a file is, and what to do about it, in clauses. */
export interface ForeignFile {
  readonly what: string;
  readonly advice: string;
}

const CONVERT = "convert it with the program that wrote it, to .safetensors, .pth, .npz or .onnx";

/** Kinds of files by their first bytes, as Latin-1 text. */
const KINDS: readonly (readonly [start: RegExp | string, what: string, advice: string])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\//,
    "it is a Git LFS pointer, not the file itself",
    "get the file with: git lfs pull",
  ],
  [
    /^\s*(<!doctype html|<html|<\?xml|<head)/i,
    "it is a web page, as a download that asks to sign in gives",
    "download the file itself",
  ],
  ["\x89HDF\r\n\x1a\n", "it is an HDF5 file, as Keras writes", CONVERT],
  ["GGUF", "it is a GGUF file, as llama.cpp reads", CONVERT],
  ["\x1f\x8b", "it is compressed by gzip", "unpack it first: gzip -d, or tar -xzf"],
  ["BZh", "it is compressed by bzip2", "unpack it first: bzip2 -d"],
  ["\xfd7zXZ\0", "it is compressed by xz", "unpack it first: xz -d"],
  ["\x28\xb5\x2f\xfd", "it is compressed by Zstandard", "unpack it first: zstd -d"],
  ["7z\xbc\xaf\x27\x1c", "it is a 7z archive", "unpack it first"],
  [/^.{257}ustar/s, "it is a tar archive", "unpack it first: tar -xf"],
  ["%PDF-", "it is a PDF document", "give the file itself"],
  [/^\xff\xd8\xff|^\x89PNG/, "it is an image", "give the file itself"],
  [/^\{\s*"(?!__metadata__)/, "it is a text in JSON", "give the file with the numbers"],
  // A map whose first key is a short text, as Flax writes one.
  [/^(?:[\x81-\x8f]|\xde..)(?:[\xa1-\xbf]|\xd9.)[\w ./-]/s, "it is a MessagePack file, as Flax writes", CONVERT],
];

/**
 * What a file is by its first bytes; undefined where they say nothing.
 * @param start its first `FOREIGN_BYTES` bytes, or all.
 */
export function foreignFile(start: Uint8Array): ForeignFile | undefined {
  if (start.length === 0) return { what: "it is empty", advice: "copy or download it again" };
  const text = Buffer.from(start).toString("latin1");
  const found = KINDS.find(([pattern]) =>
    typeof pattern === "string" ? text.startsWith(pattern) : pattern.test(text),
  );
  return found === undefined ? undefined : { what: found[1], advice: found[2] };
}
