/** The tensors of a checkpoint in any format that is read; which one it is, its first bytes tell. */
import { withPlainFile } from "./plain-file.ts";
import { isZip, PICKLE_PROTOCOL, readPth } from "./pth.ts";
import { readEveryTensor, type StateDict } from "./safetensors.ts";
import { LENGTH_BYTES, MAX_HEADER_BYTES } from "./safetensors-header.ts";

/**
 * Reads every tensor of a checkpoint as float32: a file of `torch.save`, of which nothing is ever run, or safetensors.
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, or asks for a Python object that is not allowed.
 */
export async function readStateDict(path: string): Promise<StateDict> {
  const start = await withPlainFile(path, async ({ size, read }) => {
    const bytes = Buffer.alloc(Math.min(size, LENGTH_BYTES));
    await read(0, bytes);
    return bytes;
  });
  return isZip(start.subarray(0, 4)) || isPickle(start) ? readPth(path) : readEveryTensor(path);
}

/** A safetensors file may start with the same byte, where that is part of its header's length. */
function isPickle(start: Buffer): boolean {
  return start[0] === PICKLE_PROTOCOL && (start.length < LENGTH_BYTES || start.readBigUInt64LE() > MAX_HEADER_BYTES);
}
