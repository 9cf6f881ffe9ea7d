/** An open checkpoint, whatever its format: tensors by name, whose elements are read by ranges. */

/**
 * The formats by their usual names; `pth` stands for .pt and .bin, too, and `stable-baselines3` for
 * an agent's archive.
 */
export type CheckpointFormat = "safetensors" | "pth" | "npz" | "npy" | "onnx" | "stable-baselines3";

/**
 * A tensor of a file without its values. Complex numbers (`C64`, `C128`) are pairs of real ones,
 * along a last axis of two.
 */
export interface StoredTensor {
  /** Element type in the file, by safetensors' name: `F32`, `BF16`, `I64`, `BOOL`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly count: number;
  /** Where they lie, in formats where several tensors may share elements. */
  readonly elements?: ElementRange | undefined;
}

/** Elements from one byte of a buffer to another. */
export interface ElementRange {
  /** What holds them: a storage, or a file. */
  readonly buffer: string;
  readonly begin: number;
  readonly end: number;
  /** Whether the tensor has all of them, one after another. */
  readonly dense: boolean;
}

/** Which network of a file is meant. */
export interface FileOptions {
  /**
   * The keys that lead to it in a file of `torch.save`, joined by dots, or a part of them that no
   * other has; by default the usual ones.
   */
  readonly key?: string | undefined;
}

/** An open checkpoint. Several reads may run at once. */
export interface CheckpointFile {
  readonly format: CheckpointFormat;
  /** Size of the file in bytes, or of all files of a sharded checkpoint. */
  readonly bytes: number;
  /** Metadata that the format stores beside the tensors; empty if it stores none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What the file holds that is not among its tensors, in clauses; nothing by default. */
  readonly beside?: readonly string[];
  /**
   * Fills `into` with the elements of a tensor from index `start` (row-major), converted to
   * float32.
   * @throws UserError `E_CHECKPOINT` when they cannot be read, or are of a type that is not read as
   *   numbers.
   */
  readonly readFloats: (name: string, start: number, into: Float32Array) => Promise<void>;
  /** Closes the file; it cannot be read after that. */
  readonly close: () => Promise<void>;
}
