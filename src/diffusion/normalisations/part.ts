/** What a normalisation of parameters says of itself. */

/** Mean and scale: v ↦ (v − mean) / scale. */
export interface Standard<T> {
  readonly mean: T;
  readonly scale: T;
}

/** The values of one tensor in all checkpoints, variances log-transformed. */
export interface TensorValues {
  /** Checkpoints. */
  readonly count: number;
  /** Values of the tensor in one of them. */
  readonly size: number;
  /** Visits all values, a part of one checkpoint at a time, checkpoint k's parts in their order. */
  visit(see: (k: number, values: Float32Array) => void): Promise<void>;
}

/**
 * A normalisation as it describes itself: a scale for each tensor, which is kept, or for each
 * coordinate, which is worked out again from the checkpoints. Without either nothing is scaled.
 */
export interface NormalisationPart {
  /** Its name in recipes. */
  readonly type: string;
  /** One sentence. */
  readonly description: string;
  /** One mean and one scale for a tensor. */
  ofTensor?(values: TensorValues): Promise<Standard<number>>;
  /** A mean and a scale for each coordinate, `[width]`, from rows `[K, width]`. */
  ofCoordinates?(rows: Float32Array, width: number): Standard<Float32Array>;
}
