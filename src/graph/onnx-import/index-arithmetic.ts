/** The positions that slices and lists of indices stand for. */
import { type Shape, sizeOf } from "../tensor.ts";
import type { Known } from "./constants.ts";
import { elementAt, refuse } from "./refuse.ts";

/** The elements that a slice takes along an axis: the first one, and how many. */
export interface SliceRange {
  readonly start: number;
  readonly count: number;
}

/**
 * The range of a slice, with NumPy's rules: negative numbers count from the end, all are clamped.
 * @throws UserError `E_CHECKPOINT` when the step is 0.
 */
export function sliceRange(start: number, end: number, step: number, size: number): SliceRange {
  if (step === 0) refuse("it slices with a step of 0");
  const clamp = (n: number, low: number, high: number) => Math.min(high, Math.max(low, n < 0 ? n + size : n));
  const [from, to] =
    step > 0
      ? [clamp(start, 0, size), clamp(end, 0, size)]
      : [clamp(start, -1, size - 1), end < -size ? -1 : clamp(end, -1, size - 1)];
  return { start: from, count: Math.max(0, Math.ceil((to - from) / step)) };
}

/**
 * An index counted from 0; negative indices count from the end.
 * @throws UserError `E_CHECKPOINT` when an axis of `size` has no such element.
 */
export function positionOf(index: number, size: number): number {
  if (index < -size || index >= size) refuse(`it takes element ${index} of ${size}`);
  return index < 0 ? index + size : index;
}

/** Rows that indices name. */
export interface IndexedRows {
  /** The row that each index names, in a table made of the first axes. */
  readonly rows: number[];
  /** Numbers in a row. */
  readonly rowSize: number;
  /** Shape of all the rows together. */
  readonly shape: Shape;
}

/**
 * The rows that the last axis of some indices names, as in GatherND and ScatterND.
 * @param shape of the tensor that is indexed.
 * @param indices `[…, depth]`: positions along the first `depth` axes.
 */
export function rowsAt(shape: Shape, indices: Known): IndexedRows {
  const depth = elementAt(indices.shape, indices.shape.length - 1);
  const lead = shape.slice(0, depth);
  const rest = shape.slice(depth);
  const count = sizeOf(indices.shape.slice(0, -1));
  const rows = Array.from({ length: count }, (_, r) =>
    lead.reduce((row, size, i) => row * size + positionOf(elementAt(indices.data, r * depth + i), size), 0),
  );
  return { rows, rowSize: sizeOf(rest), shape: [...indices.shape.slice(0, -1), ...rest] };
}
