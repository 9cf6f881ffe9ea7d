/** Whether a file has a tensor with other elements than expected. */
import type { CheckpointFile } from "./formats/checkpoint-file.ts";
import { ALL_DECODERS } from "./formats/dtypes.ts";
import { type ReadElements, sameElements } from "./same-elements.ts";

/** A tensor as it is expected to be. */
export interface ExpectedTensor {
  readonly name: string;
  /** Number of elements. */
  readonly count: number;
  readonly read: ReadElements;
}

/**
 * Whether a file has a tensor of the name with other elements, or more or fewer of them. A file
 * that lacks the tensor has no others.
 * @throws UserError `E_CHECKPOINT` where the file cannot be read.
 */
export async function hasOtherElements(file: CheckpointFile, { name, count, read }: ExpectedTensor): Promise<boolean> {
  const found = file.tensors.get(name);
  if (found === undefined) return false;
  if (found.count !== count || !ALL_DECODERS.has(found.dtype)) return true;
  return !(await sameElements((start, into) => file.readFloats(name, start, into), read, count));
}
