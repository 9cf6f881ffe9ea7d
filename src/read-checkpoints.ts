/** Checkpoints of one network in any format, read one by one. */
import { openSet, openVector, type StoredTensor, tensorsToGenerate } from "./checkpoints/index.ts";
import { type Layout, unflatten } from "./layout/index.ts";

/**
 * A checkpoint as it is read.
 * @category Checkpoints
 */
export interface ReadCheckpoint {
  readonly file: string;
  /** Every chosen tensor as float32, in the order of the file. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/**
 * Checkpoints of one network.
 * @category Checkpoints
 */
export interface Checkpoints extends AsyncIterable<ReadCheckpoint> {
  readonly files: readonly string[];
  /** Every tensor of the first file, of whatever type. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The chosen ones, and their places in a flat vector. */
  readonly layout: Layout;
}

/**
 * Options of `readCheckpoints`.
 * @category Checkpoints
 */
export interface ReadCheckpointsOptions {
  /** Which tensors, as in a recipe; all by default. */
  readonly select?: string | readonly string[];
}

/**
 * Opens checkpoints in any format (safetensors, .pth, .npz, ONNX, agents), makes sure that they are
 * of one network, and reads them one by one.
 * @param patterns paths, folders or patterns such as `ckpts/*.pth`.
 * @throws UserError `E_CHECKPOINT` when there are none, or they differ in more than their values.
 * @category Checkpoints
 */
export async function readCheckpoints(
  patterns: string | readonly string[],
  { select = "all" }: ReadCheckpointsOptions = {},
): Promise<Checkpoints> {
  const { files, tensors } = await openSet(patterns);
  const layout = tensorsToGenerate(tensors, select);
  return {
    files,
    tensors,
    layout,
    async *[Symbol.asyncIterator]() {
      for (const file of files) {
        const reader = await openVector(file, layout);
        const vector = new Float32Array(layout.size);
        try {
          await reader.read(0, layout.size, vector);
        } finally {
          await reader.close();
        }
        yield { file, tensors: unflatten(layout, vector) };
      }
    },
  };
}
