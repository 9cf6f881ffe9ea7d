/**
 * The one type of a K × D matrix: a vector a row, such as the parameters of K networks or their
 * latents. A matrix lies in memory or behind files; both are read by ranges of columns, so that D
 * may exceed memory.
 */

/** A matrix that is read by ranges of columns. */
export interface Matrix {
  /** Number of rows, K. */
  readonly rows: number;
  /** Length of a row, D. */
  readonly columns: number;
  /**
   * Reads columns `start` … `end` − 1 of every row, `[rows, end − start]`. The array may be the
   * memory of the matrix: do not write to it.
   */
  read(start: number, end: number): Promise<Float32Array>;
}

/** A matrix in memory. */
export interface MemoryMatrix extends Matrix {
  /** Row after row, `[rows, columns]`. */
  readonly values: Float32Array;
}

/** A matrix behind open files, which `close` closes. */
export interface FileMatrix extends Matrix {
  close(): Promise<void>;
}

/**
 * The matrix of values in memory, without a copy.
 * @param values row after row, `[rows, columns]`.
 * @param columns length of a row, at least 1.
 * @throws RangeError where the values are not whole rows.
 */
export function matrix(values: Float32Array, columns: number): MemoryMatrix {
  const rows = values.length / columns;
  if (!Number.isInteger(rows)) throw new RangeError(`${values.length} values are not whole rows of ${columns} columns`);
  return {
    rows,
    columns,
    values,
    async read(start, end) {
      const width = end - start;
      if (width === columns) return values;
      const part = new Float32Array(rows * width);
      for (let i = 0; i < rows; i++) part.set(values.subarray(i * columns + start, i * columns + end), i * width);
      return part;
    },
  };
}

/**
 * Copies vectors of one length into a matrix, one row each.
 * @throws RangeError where there are none, because then the number of columns is unknown.
 */
export function stackRows(vectors: readonly Float32Array[]): MemoryMatrix {
  const [first] = vectors;
  if (first === undefined) throw new RangeError("a matrix needs at least one row to know its columns");
  return matrix(concatenate(vectors), first.length);
}

/** Copies arrays into one, one after the other. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Row `i` of a matrix, `[columns]`: a view, not a copy. */
export const rowOf = ({ values, columns }: MemoryMatrix, i: number): Float32Array =>
  values.subarray(i * columns, (i + 1) * columns);

/** All rows of a matrix, each `[columns]`: views, not copies. */
export const rowsOf = (of: MemoryMatrix): Float32Array[] => Array.from({ length: of.rows }, (_, i) => rowOf(of, i));

/** Copies the rows of these numbers, in this order, into a new matrix. */
export function selectRows(from: MemoryMatrix, rows: readonly number[]): MemoryMatrix {
  const values = new Float32Array(rows.length * from.columns);
  for (const [i, k] of rows.entries()) values.set(rowOf(from, k), i * from.columns);
  return matrix(values, from.columns);
}
