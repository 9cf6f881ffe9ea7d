/**
 * Reads the values of tensors that are views of storages, with any offset and strides; several
 * views may share a storage. A view must lie inside its storage, and the memory for all views is
 * limited by the size of the file.
 */

import { at, get } from "../../../lookup.ts";
import { show } from "../../../show.ts";
import type { StoredTensor } from "../checkpoint-file.ts";
import { ELEMENT_BYTES, isComplex, numberType } from "../dtypes.ts";
import type { PlainFile, ReadBytes } from "../plain-file.ts";
import { readFloats } from "../read-floats.ts";
import { isCount, isStorage, SAVE_AGAIN, type Storage, type TensorObject } from "./torch-objects.ts";

/** Elements of one tensor, at most: as float32 they fill 4 GiB, the largest buffer of Node 20. */
const MAX_ELEMENTS = 2 ** 30;

/** Dimensions of one tensor, at most, as in PyTorch. */
const MAX_RANK = 64;

/**
 * Memory that a file may take, as a multiple of its size: bytes become float32, views may overlap,
 * and entries may be compressed.
 */
const MAX_EXPANSION = 16;

/**
 * Memory that any file may take, so that small ones can be compressed well or repeat a value often.
 */
const FREE_BYTES = 2 ** 26;

/** Subtracts bytes from the memory that a file may take, or refuses the file. */
export type Spend = (bytes: number) => void;

/** The memory that a file may take. */
export function budgetOf({ size, refuse }: PlainFile): Spend {
  const limit = Math.max(FREE_BYTES, MAX_EXPANSION * size);
  let spent = 0;
  return (bytes) => {
    spent += bytes;
    if (spent > limit)
      refuse(
        `its ${size} bytes would fill more than ${limit} bytes of memory`,
        "save it uncompressed, with tensors that are not expanded",
      );
  };
}

/** Opens the bytes of a storage; their number follows from its type and count. */
export type OpenStorage = (storage: Storage) => Promise<ReadBytes>;

/** A tensor found to lie inside its storage; offset, strides and extent count elements. */
export interface View {
  readonly storage: Storage;
  /** The type of the tensor's elements. */
  readonly type: string;
  /** The type of the numbers that are read; complex elements are two, along the last axis. */
  readonly dtype: string;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Number of elements of the tensor. */
  readonly count: number;
  /** Number of elements from the first that it uses to the last. */
  readonly extent: number;
}

/** A view as a tensor of the file, with where its elements lie. */
export function storedTensor(view: View): StoredTensor {
  const { storage, type, dtype, shape, count, offset, extent } = view;
  const width = get(ELEMENT_BYTES, dtype);
  return {
    dtype: type,
    shape,
    count,
    elements: {
      buffer: storage.key,
      begin: width * offset,
      end: width * (offset + extent),
      dense: isDense(view),
    },
  };
}

/**
 * Checks that tensors lie inside their storages and do not take far more memory than their file.
 */
export function viewsOf(
  objects: ReadonlyMap<string, TensorObject>,
  spend: Spend,
  { refuse }: PlainFile,
): Map<string, View> {
  return new Map(
    [...objects].map(([name, object]) => {
      const view = viewOf(object, (problem) => refuse(`tensor ${show(name)} ${problem}`, SAVE_AGAIN));
      // To read a view that is not dense takes its span as well as its elements.
      spend(4 * (isDense(view) ? view.count : view.count + view.extent));
      return [name, view];
    }),
  );
}

/**
 * Reads ranges of views as float32. A view whose elements are not contiguous is read whole, and
 * kept until another one is read.
 */
export function viewReader(open: OpenStorage) {
  let last: { readonly view: View; readonly data: Float32Array } | undefined;
  return async (view: View, start: number, into: Float32Array): Promise<void> => {
    const width = get(ELEMENT_BYTES, view.dtype);
    if (isDense(view)) {
      if (into.length > 0) await readFloats(await open(view.storage), view.dtype, width * (view.offset + start), into);
      return;
    }
    if (last?.view !== view) {
      const span = new Float32Array(view.extent);
      await readFloats(await open(view.storage), view.dtype, width * view.offset, span);
      const data = new Float32Array(view.count);
      gather(span, view, data);
      last = { view, data };
    }
    into.set(last.data.subarray(start, start + into.length));
  };
}

/** Copies encoded elements from row-major order to their places in the bytes of a storage. */
export function scatter(from: Uint8Array, view: View, storage: Uint8Array): void {
  const width = get(ELEMENT_BYTES, view.dtype);
  if (isDense(view)) storage.set(from, width * view.offset);
  else
    eachElement(view, (i, element) => {
      storage.set(from.subarray(i * width, (i + 1) * width), width * (view.offset + element));
    });
}

/** Whether the bytes of a storage hold encoded elements where a view has them. */
export function holds(storage: Uint8Array, view: View, elements: Uint8Array): boolean {
  const width = get(ELEMENT_BYTES, view.dtype);
  if (isDense(view))
    return Buffer.from(storage.buffer, storage.byteOffset, storage.byteLength)
      .subarray(width * view.offset, width * view.offset + elements.length)
      .equals(elements);
  let same = true;
  eachElement(view, (i, element) => {
    for (let b = 0; b < width; b++)
      if (storage[width * (view.offset + element) + b] !== elements[width * i + b]) same = false;
  });
  return same;
}

/** Checks a tensor. */
function viewOf(
  { storage, offset, shape, strides, dtype, properties }: TensorObject,
  fail: (problem: string) => never,
): View {
  if (!isStorage(storage)) return fail("has no storage");
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length)
    return fail("is described in an unknown way");
  if (shape.length > MAX_RANK) return fail(`has ${shape.length} dimensions, expected at most ${MAX_RANK}`);
  if (properties instanceof Map && properties.size > 0)
    return fail("is stored as the negative or conjugate of its values, which is not read");
  const type = dtype ?? storage.dtype;
  if (isComplex(type)) {
    const twice = (counts: readonly number[]) => counts.map((n) => 2 * n);
    const parts = {
      offset: 2 * offset,
      shape: [...shape, 2],
      strides: [...twice(strides), 1],
      dtype: numberType(type),
    };
    return { ...viewOf({ ...parts, storage, properties }, fail), type };
  }
  const count = shape.includes(0) ? 0 : shape.reduce((product, dimension) => product * dimension, 1);
  const extent = count === 0 ? 0 : shape.reduce((sum, dimension, axis) => sum + (dimension - 1) * at(strides, axis), 1);
  const stored = Math.floor((storage.count * get(ELEMENT_BYTES, storage.dtype)) / get(ELEMENT_BYTES, type));
  if (offset + extent > stored)
    return fail(`of shape [${shape}] needs element ${offset + extent - 1} of a storage of ${stored}`);
  if (Math.max(count, extent) > MAX_ELEMENTS)
    return fail(`of shape [${shape}] has more than 2^30 elements or spans more`);
  // The step along an axis of one element is never taken, and can be any number.
  const steps = strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return { storage, type, dtype: type, offset, shape, strides: steps, count, extent };
}

const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);

/** Whether a view's elements lie one after another in row-major order. */
function isDense({ shape, strides }: View): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= at(shape, axis);
  }
  return true;
}

/** Copies a view's elements into row-major order; `from` starts at its first element. */
function gather(from: Float32Array, view: View, into: Float32Array): void {
  eachElement(view, (i, element) => {
    into[i] = from[element]!;
  });
}

/** Visits a view's elements in row-major order: number `i` lies `at` elements behind the first. */
function eachElement({ shape, strides, count }: View, visit: (i: number, element: number) => void): void {
  const index = shape.map(() => 0);
  let element = 0;
  for (let i = 0; i < count; i++) {
    visit(i, element);
    // Counts up, the last axis first; an axis at its end goes back to its start and carries.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      element += at(strides, axis);
      if (++index[axis]! < at(shape, axis)) break;
      element -= at(strides, axis) * at(shape, axis);
      index[axis] = 0;
    }
  }
}
