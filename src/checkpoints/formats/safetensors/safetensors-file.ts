/**
 * A safetensors file like a checkpoint of any other format: read by ranges, and rewritten with
 * other values.
 */
import { get } from "../../../lookup.ts";
import type { CheckpointFile } from "../checkpoint-file.ts";
import { encodeFor } from "../encode-values.ts";
import { patchedCopy } from "../patched-copy.ts";
import { writePieces } from "../pieces.ts";
import { withPlainFile } from "../plain-file.ts";
import { openSafetensors, readHeader } from "./safetensors.ts";

/**
 * Opens a file.
 * @throws UserError `E_CHECKPOINT` when it is missing, unreadable or not a sound safetensors file.
 */
export async function openSafetensorsFile(path: string): Promise<CheckpointFile> {
  const { header, readFloats, close } = await openSafetensors(path);
  const { tensors, metadata, bytes } = header;
  return {
    format: "safetensors",
    bytes,
    metadata,
    tensors,
    readFloats,
    close,
  };
}

/**
 * Writes a copy of a file with other values of some tensors; its header stays byte for byte.
 * @returns the SHA-256 of the copy, in hexadecimal.
 * @throws UserError `E_CHECKPOINT` when it is damaged, or has no such tensor or one of another size
 *   or of whole numbers.
 */
export async function rewriteSafetensors(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
): Promise<string> {
  const { tensors } = await readHeader(path);
  return withPlainFile(path, async (file) => {
    const patches = [...encodeFor(file.refuse, tensors, values)].map(([name, bytes]) => ({
      position: get(tensors, name).begin,
      bytes,
    }));
    return writePieces(to, patchedCopy(file, patches));
  });
}
