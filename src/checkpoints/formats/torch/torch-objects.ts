/**
 * The Python objects of which a PyTorch checkpoint consists: tensors as views of storages, element
 * types, and the dicts that hold them. Harmless objects beside them become names without content
 * (inert-objects.ts), and anything else is refused by its name. Only what is used
 * later is checked: the tensors of an optimiser, for example, are never read.
 */

import { dictKey, type PickleRules, type PythonObject } from "../../../files/index.ts";
import { show } from "../../../show.ts";
import type { Refuse } from "../plain-file.ts";
import { inertObject } from "./inert-objects.ts";

/** Storages, and tensors of a state dict, at most. */
export const MAX_TENSORS = 65_536;

/** What to do about a file that is damaged or otherwise not as `torch.save` writes it. */
export const SAVE_AGAIN = "copy the file again, or save it again with torch.save(model.state_dict(), FILE)";

/** A storage: elements that lie outside of the pickle, under a key. */
export interface Storage {
  readonly key: string;
  readonly dtype: string;
  /** Number of elements. */
  readonly count: number;
}

/** A tensor as the pickle describes it: a view of a storage, not checked yet. */
export interface TensorObject {
  readonly storage: unknown;
  readonly offset: unknown;
  readonly shape: unknown;
  readonly strides: unknown;
  /** The type of the elements where the storage is one of bytes. */
  readonly dtype?: string | undefined;
  /** Further properties, such as to be the negative of what is stored. */
  readonly properties: unknown;
}

/** A Python object that stands for a type of elements. */
interface TypeObject extends PythonObject {
  readonly dtype: string;
}

/**
 * The types of elements by the name of PyTorch's storage of them. An untyped storage is one of
 * bytes.
 */
const STORAGE_TYPES: Readonly<Record<string, string>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
  "torch.ComplexFloatStorage": "C64",
  "torch.ComplexDoubleStorage": "C128",
  "torch.storage.UntypedStorage": "U8",
};

/** The types of elements by their own name. */
const ELEMENT_TYPES: Readonly<Record<string, string>> = {
  "torch.float32": "F32",
  "torch.float64": "F64",
  "torch.float16": "F16",
  "torch.bfloat16": "BF16",
  "torch.int64": "I64",
  "torch.int32": "I32",
  "torch.int16": "I16",
  "torch.int8": "I8",
  "torch.uint64": "U64",
  "torch.uint32": "U32",
  "torch.uint16": "U16",
  "torch.uint8": "U8",
  "torch.bool": "BOOL",
  "torch.complex64": "C64",
  "torch.complex128": "C128",
  "torch.float8_e4m3fn": "F8_E4M3",
  "torch.float8_e5m2": "F8_E5M2",
  "torch.float8_e8m0fnu": "F8_E8M0",
};

/** The functions by name, given what to do with impossible arguments. */
function functions(fail: (problem: string) => never): Record<string, (args: readonly unknown[]) => unknown> {
  const rebuild = ([storage, offset, shape, strides, , , properties]: readonly unknown[]): TensorObject => ({
    storage,
    offset,
    shape,
    strides,
    properties,
  });

  const rebuildTyped = ([storage, offset, shape, strides, , , type, properties]: readonly unknown[]): TensorObject => ({
    storage,
    offset,
    shape,
    strides,
    dtype: isTypeObject(type) ? type.dtype : fail("its pickle has a tensor without a type"),
    properties,
  });

  /**
   * Dicts by the list of pairs that they were made from, so that a list is walked and copied once,
   * however often a pickle refers to it.
   */
  const made = new WeakMap<unknown[], Map<unknown, unknown>>();

  /**
   * Makes a dict from nothing, from another dict, or from a list of pairs, as Python 2 wrote it.
   */
  function dict([items = []]: readonly unknown[]): Map<unknown, unknown> {
    if (items instanceof Map) return items;
    if (!Array.isArray(items)) return fail("its pickle makes a dict of something that is none");
    const known = made.get(items);
    if (known !== undefined) return known;
    if (!items.every(Array.isArray)) return fail("its pickle makes a dict of something that is none");
    const dict = new Map(items.map(([key, value]) => [dictKey(key), value]));
    made.set(items, dict);
    return dict;
  }

  const first = ([value]: readonly unknown[]): unknown => value;
  return {
    "collections.OrderedDict": dict,
    "collections.Counter": dict,
    "collections.defaultdict": () => new Map(),
    "torch.Size": first,
    "torch.device": first,
    "torch._utils._rebuild_parameter": first,
    "torch._utils._rebuild_parameter_with_state": first,
    "torch._utils._rebuild_tensor": rebuild,
    "torch._utils._rebuild_tensor_v2": rebuild,
    "torch._utils._rebuild_tensor_v3": rebuildTyped,
  };
}

/**
 * The rules by which the pickle of a checkpoint is read, and the storages that it has named so far.
 * @param ended called when the bytes end before the pickle does.
 */
export function torchRules(
  refuse: Refuse,
  ended: () => never,
): { readonly rules: PickleRules; readonly storages: ReadonlyMap<string, Storage> } {
  const fail = (problem: string): never => refuse(problem, SAVE_AGAIN);
  const forbid = (name: string): never =>
    refuse(
      `it asks for the Python object ${show(name)}, which is not allowed: only tensors and plain values are read`,
      "if you trust the file, load it in Python and save only torch.save(model.state_dict(), FILE)",
    );
  const storages = new Map<string, Storage>();

  function persistent(id: unknown): Storage {
    if (!Array.isArray(id) || id[0] !== "storage") return fail("its pickle refers to something that is no storage");
    const [, type, key, , count, part] = id;
    if (!isTypeObject(type) || typeof key !== "string" || !isCount(count))
      return fail("its pickle describes a storage in an unknown way");
    // PyTorch before 0.4 could store one storage as a part of another.
    if (part !== undefined && part !== null) return fail(`its storage ${show(key)} is part of another one`);
    const known = storages.get(key);
    if (known === undefined && storages.size === MAX_TENSORS) return fail(`it has more than ${MAX_TENSORS} storages`);
    if (known !== undefined && (known.dtype !== type.dtype || known.count !== count))
      return fail(`its pickle describes the storage ${show(key)} in two ways`);
    const storage = known ?? { key, dtype: type.dtype, count };
    storages.set(key, storage);
    return storage;
  }

  const objects: PythonObject[] = [
    ...Object.entries(functions(fail)).map(([name, call]) => ({ name, call })),
    ...Object.entries({ ...STORAGE_TYPES, ...ELEMENT_TYPES }).map(([name, dtype]) => ({ name, dtype })),
  ];
  const allowed = new Map(objects.map((object) => [object.name, object]));
  return { rules: { allowed, inert: inertObject, persistent, fail, forbid, ended }, storages };
}

/** Whether a value is a valid count. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value of a pickle is a storage. */
export function isStorage(value: unknown): value is Storage {
  return typeof value === "object" && value !== null && "key" in value;
}

/** Whether a value of a pickle is a tensor. */
export function isTensor(value: unknown): value is TensorObject {
  return typeof value === "object" && value !== null && "strides" in value;
}

function isTypeObject(value: unknown): value is TypeObject {
  return typeof value === "object" && value !== null && "dtype" in value && "name" in value;
}
