/** Matrices of rows one after the other in one array. */

/** Arrays one after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The rows of a matrix `[n, width]`, as views of it. */
export const rowsOf = (matrix: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: matrix.length / width }, (_, k) => matrix.subarray(k * width, (k + 1) * width));
