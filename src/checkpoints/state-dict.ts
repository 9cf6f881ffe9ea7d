/** Reads every tensor of a checkpoint in any format into memory, as float32. */
import type { CheckpointFile, FileOptions } from "./formats/checkpoint-file.ts";
import { ALL_DECODERS } from "./formats/dtypes.ts";
import { openFile } from "./formats/open-file.ts";
import type { StateDict } from "./formats/safetensors/safetensors.ts";

/**
 * Reads every numeric tensor of a checkpoint, integers and booleans included.
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, or asks for a Python object
 *   that is not allowed.
 */
export async function readStateDict(path: string, options: FileOptions = {}): Promise<StateDict> {
  return readWhole(await openFile(path, options));
}

/** Reads every numeric tensor of an open checkpoint, and closes it. */
export async function readWhole(file: CheckpointFile): Promise<StateDict> {
  try {
    const tensors = new Map<string, Float32Array>();
    const shapes = new Map<string, readonly number[]>();
    const dtypes = new Map<string, string>();
    for (const [name, { shape, dtype, count }] of file.tensors) {
      if (!ALL_DECODERS.has(dtype)) continue;
      const data = new Float32Array(count);
      await file.readFloats(name, 0, data);
      tensors.set(name, data);
      shapes.set(name, shape);
      dtypes.set(name, dtype);
    }
    return { tensors, shapes, dtypes };
  } finally {
    await file.close();
  }
}
