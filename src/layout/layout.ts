/**
 * The flat parameter vector: which coordinates belong to which tensor, and conversion between the
 * vector and named tensors.
 */

import { UserError } from "../errors.ts";
import { isStatistic, type TensorKind } from "../graph/index.ts";
import { get } from "../lookup.ts";
import { show, showAll, showFaults } from "../show.ts";

/** A named tensor without its values. A scalar has the shape `[]`. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Undefined where it is not known, as in a file whose network is not known. */
  readonly kind?: TensorKind | undefined;
}

/** Where a tensor lies in the flat vector, counted in elements. */
export interface LayoutEntry extends TensorSpec {
  readonly offset: number;
  readonly size: number;
}

/** All tensors of a flat vector, in order and without gaps, and the length of the vector. */
export interface Layout {
  readonly entries: readonly LayoutEntry[];
  readonly size: number;
}

/**
 * The layout of tensors laid one after another in the given order.
 * @throws Error on a repeated name or a dimension that is not a whole number from 0.
 */
export function layoutOf(specs: Iterable<TensorSpec>): Layout {
  const entries: LayoutEntry[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const { name, shape, kind } of specs) {
    if (names.has(name)) throw new Error(`two tensors are named ${show(name)}`);
    if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0))
      throw new Error(`tensor ${show(name)} has the impossible shape [${shape}]`);
    names.add(name);
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    entries.push({ name, shape, kind, offset, size });
    offset += size;
  }
  return { entries, size: offset };
}

/** Number of parameters, without running statistics. */
export const parameterCount = (layout: Layout): number =>
  layout.entries.reduce((sum, { kind, size }) => (isStatistic(kind) ? sum : sum + size), 0);

/**
 * Copies named tensors into one flat vector.
 * @param into the vector to fill, of length `layout.size`; a new one by default.
 * @throws UserError `E_CHECKPOINT` when tensors are missing, not in the layout or of another
 *   size, naming them.
 */
export function flatten(
  layout: Layout,
  tensors: ReadonlyMap<string, Float32Array>,
  into: Float32Array = new Float32Array(layout.size),
): Float32Array {
  checkLength(layout, into);
  checkTensors(layout, tensors);
  for (const { name, offset } of layout.entries) into.set(get(tensors, name), offset);
  return into;
}

/**
 * The named tensors of a flat vector: views of it, not copies.
 * @throws RangeError when the vector's length is not `layout.size`.
 */
export function unflatten(layout: Layout, flat: Float32Array): Map<string, Float32Array> {
  checkLength(layout, flat);
  return new Map(layout.entries.map(({ name, offset, size }) => [name, flat.subarray(offset, offset + size)]));
}

/**
 * The layout of some of the tensors, in the same order, with new offsets.
 * @throws Error on a name that is not in the layout.
 */
export function restrict(layout: Layout, names: ReadonlySet<string>): Layout {
  const part = layoutOf(layout.entries.filter(({ name }) => names.has(name)));
  if (part.entries.length < names.size) {
    const known = new Set(layout.entries.map(({ name }) => name));
    throw new Error(`not in the layout: ${showAll([...names].filter((name) => !known.has(name)))}`);
  }
  return part;
}

function checkLength(layout: Layout, flat: Float32Array): void {
  if (flat.length !== layout.size)
    throw new RangeError(`the layout has ${layout.size} coordinates, the vector ${flat.length}`);
}

function checkTensors(layout: Layout, tensors: ReadonlyMap<string, Float32Array>): void {
  const missing: string[] = [];
  const resized = new Map<string, string>();
  const unexpected = new Set(tensors.keys());
  for (const { name, size } of layout.entries) {
    const length = tensors.get(name)?.length;
    if (length === undefined) missing.push(name);
    else if (length !== size) resized.set(name, `${show(name)} has ${length} values, expected ${size}`);
    unexpected.delete(name);
  }
  const faults = showFaults({ missing, unexpected: [...unexpected], different: resized });
  if (faults !== "")
    throw new UserError(
      "E_CHECKPOINT",
      `the checkpoint does not fit the network's ${layout.entries.length} tensors: ${faults}; give a checkpoint of the same network`,
    );
}
