/** Compares the elements of two tensors piece by piece, so that neither is in memory as a whole. */

/** Fills `into` with elements from an index on. */
export type ReadElements = (start: number, into: Float32Array) => Promise<void>;

/** Elements compared first, and at a time: most tensors that differ do so at their start. */
const FIRST = 2 ** 8;
const PIECE = 2 ** 18;

/** Whether two tensors of `count` elements have the same ones, bit by bit: NaN equals NaN. */
export async function sameElements(a: ReadElements, b: ReadElements, count: number): Promise<boolean> {
  for (let start = 0; start < count; ) {
    const length = Math.min(start === 0 ? FIRST : PIECE, count - start);
    const [ours, theirs] = [new Float32Array(length), new Float32Array(length)];
    await a(start, ours);
    await b(start, theirs);
    if (!Buffer.from(ours.buffer).equals(Buffer.from(theirs.buffer))) return false;
    start += length;
  }
  return true;
}
