/** What every format of checkpoint is once it is open: tensors by name, whose elements are read by ranges. */

/** The formats, by what users call them; `pth` stands for .pt and .bin, too. */
export type CheckpointFormat = "safetensors" | "pth" | "npz" | "npy" | "onnx";

/** A tensor of a file without its values. */
export interface StoredTensor {
  /** What the elements are in the file, in the words of safetensors: `F32`, `BF16`, `I64`, `BOOL`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly count: number;
}

/** An open checkpoint. Reads may run side by side. */
export interface CheckpointFile {
  readonly format: CheckpointFormat;
  /** The size of the file, or of all files of a checkpoint in shards. */
  readonly bytes: number;
  /** What the format lets its writers say beside the tensors; empty where it has no place for that. */
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /**
   * Fills `into` with the elements of a tensor from index `start` (row-major), converted to float32.
   * @throws UserError `E_CHECKPOINT` when they cannot be read, or are of a type that is not read as numbers.
   */
  readonly readFloats: (name: string, start: number, into: Float32Array) => Promise<void>;
  /** Closes the file, which is not read afterwards. */
  readonly close: () => Promise<void>;
}
