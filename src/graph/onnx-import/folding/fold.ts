/** What a fold is, and how folds make and visit values. */
import { type DType, type Shape, sizeOf } from "../../tensor.ts";
import type { BoundNode } from "../bound-node.ts";
import { checkMade, type Known } from "../constants.ts";
import { elementAt, refuse } from "../refuse.ts";

/** Computes the output of a node whose inputs are all known. */
export type Fold = (node: BoundNode) => Known;

/** Folds by the names of their operators. */
export type FoldTable = Readonly<Record<string, Fold>>;

/** Makes a value of zeros and lets `fill` set its numbers. */
export function makeKnown(dtype: DType, shape: Shape, fill: (data: Float32Array | Float64Array) => void): Known {
  const count = sizeOf(checkMade(shape));
  const data = dtype === "float32" ? new Float32Array(count) : new Float64Array(count);
  fill(data);
  return { dtype, shape, data };
}

/** Makes a value from elements of another: `positions` calls `visit(i, at)` for element i. */
export const pickElements = (
  x: Known,
  shape: Shape,
  positions: (visit: (i: number, at: number) => void) => void,
): Known =>
  makeKnown(x.dtype, shape, (data) => {
    positions((i, at) => {
      data[i] = elementAt(x.data, at);
    });
  });

/** Row-major strides of a shape. */
export const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Row-major strides of a shape that is broadcast to `target`: 0 along repeated axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const lead = Array<number>(target.length - shape.length).fill(0);
  const strides = stridesOf(shape);
  return [...lead, ...strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride))];
}

/**
 * The shape that two shapes broadcast to.
 * @throws UserError `E_CHECKPOINT` when they do not.
 */
export function broadcastOf(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1)
      refuse(`it combines tensors of shapes [${a}] and [${b}], which do not broadcast`);
    return x === 1 ? y : x;
  });
}

/** Visits the elements of a shape in row-major order, with their offsets by some strides. */
export function visitElements(
  shape: Shape,
  strides: readonly number[],
  visit: (i: number, offset: number) => void,
): void {
  const index = shape.map(() => 0);
  const count = sizeOf(shape);
  let offset = 0;
  for (let i = 0; i < count; i++) {
    visit(i, offset);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [size, stride] = [elementAt(shape, axis), elementAt(strides, axis)];
      const next = elementAt(index, axis) + 1;
      offset += stride;
      index[axis] = next;
      if (next < size) break;
      offset -= stride * size;
      index[axis] = 0;
    }
  }
}

/** A value repeated up to a shape that it broadcasts to. */
export const broadcastKnown = (x: Known, shape: Shape): Known =>
  pickElements(x, shape, (visit) => visitElements(shape, broadcastStrides(x.shape, shape), visit));
