/** Giving values to what a traced network declared: slices of a flat vector, or constants. */
import { at, constant, type Shape, sizeOf, type Tensor, unpack } from "../graph/index.ts";

/** Anything declared in a scope. */
export interface Declared {
  readonly leaf: Tensor;
}

const shapesOf = (declared: readonly Declared[]): Shape[] => declared.map((d) => d.leaf.shape);

/** Number of elements of all that was declared. */
export const countOf = (declared: readonly Declared[]): number =>
  declared.reduce((sum, d) => sum + sizeOf(d.leaf.shape), 0);

/** Replacements of declared leaves by consecutive slices of a flat vector, for `rewrite`. */
export function asSlices(declared: readonly Declared[], flat: Tensor): Map<Tensor, Tensor> {
  const parts = unpack(flat, shapesOf(declared));
  return new Map(declared.map((d, i) => [d.leaf, at(parts, i)]));
}

/** Replacements of declared leaves by constants, read one after another from a flat array. */
export function asConstants(declared: readonly Declared[], flat: Float32Array): Map<Tensor, Tensor> {
  let offset = 0;
  return new Map(
    declared.map(({ leaf }) => {
      const size = sizeOf(leaf.shape);
      const value = constant(flat.subarray(offset, offset + size), leaf.shape);
      offset += size;
      return [leaf, value];
    }),
  );
}
