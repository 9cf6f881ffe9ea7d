/**
 * Finds the state dict in what a checkpoint of PyTorch holds: the one that a key names, or the one
 * that is meant by all appearance. Other dicts of tensors beside it are named, because a second
 * network in a file, such as a moving average, stays as it was when the first is replaced.
 */
import { InertValue } from "../../../files/index.ts";
import { show, showAll } from "../../../show.ts";
import type { Refuse } from "../plain-file.ts";
import { isTensor, MAX_TENSORS, SAVE_AGAIN, type TensorObject } from "./torch-objects.ts";

/** The keys under which training scripts save the state dict, the preferred one first. */
const STATE_DICT_KEYS = ["state_dict", "model", "model_state_dict", "net", "module"];

/** The prefixes that `DataParallel` and `torch.compile` put before every name. */
const WRAPPERS = ["module.", "_orig_mod."];

/** How many levels deep the state dict is searched for. */
const MAX_DEPTH = 4;

/** Characters of a key that are looked at and shown: many dicts may share one of megabytes. */
const MAX_KEY_START = 100;

/** Keys of what a training needs to go on, which may be full of tensors but is no network. */
const TRAINING = /optim|sched|rng|random|scaler|callbacks|loops|precision/i;

/** The tensors of a network. */
type Tensors = ReadonlyMap<string, TensorObject>;

/** A state dict, and what lies beside it. */
export interface FoundStateDict {
  /** By name, without `module.` and `_orig_mod.` where every name has them. */
  readonly tensors: Tensors;
  /**
   * In clauses: other dicts of tensors in the file, by the keys that lead to them, such as
   * `state_dict_ema`; and what has a name among the tensors and is none.
   */
  readonly beside: readonly string[];
}

/**
 * Finds the state dict of a checkpoint: under the given key, else under one of the usual keys, else
 * the tensors of the outermost dict, else the only dict of tensors anywhere in it.
 * @param key the keys that lead to it, joined by dots, or a part of them that no other has.
 */
export function findStateDict(value: unknown, refuse: Refuse, key?: string): FoundStateDict {
  const outer = value instanceof Map ? value : new Map<unknown, unknown>();
  const networks = dictsOfTensors(outer);
  const chosen = key === undefined ? usualKey(networks, outer, refuse) : askedKey(key, networks, refuse);
  const tensors = networks.get(chosen) ?? new Map<string, TensorObject>();
  if (tensors.size > MAX_TENSORS) refuse(`it has ${tensors.size} tensors, expected at most ${MAX_TENSORS}`, SAVE_AGAIN);
  const others = [...networks.keys()].filter((other) => other !== chosen);
  return {
    tensors: unwrapped(tensors),
    beside: [
      ...others.map((other) => `tensors under ${show(other)} (--key ${show(other)} chooses them)`),
      ...(chosen === "" ? [] : inertAmong(dictUnder(outer, chosen))),
    ],
  };
}

/** The dict that keys lead to; undefined where they were cut short. */
function dictUnder(outer: Map<unknown, unknown>, keys: string): unknown {
  let dict: unknown = outer;
  for (const key of keys.split(".")) dict = dict instanceof Map ? dict.get(key) : undefined;
  return dict;
}

/** Values of a state dict that are no tensors but may hold numbers, such as arrays of NumPy. */
function inertAmong(dict: unknown): string[] {
  if (!(dict instanceof Map)) return [];
  return [...dict].flatMap(([name, value]) =>
    typeof name === "string" && value instanceof InertValue ? [`${show(name)}, made by ${value.of}`] : [],
  );
}

/** The key of the state dict that is meant where none is named. */
function usualKey(networks: ReadonlyMap<string, Tensors>, outer: Map<unknown, unknown>, refuse: Refuse): string {
  const usual = [...STATE_DICT_KEYS, ""].find((name) => networks.has(name));
  if (usual !== undefined) return usual;
  const [only, second] = networks.keys();
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined)
    return refuse(
      `it has several dicts of tensors, under ${showAll([...networks.keys()])}`,
      `choose one, as in --key ${show(only)} (zoo.key in a recipe)`,
    );
  const keys = [...outer.keys()].filter((name) => typeof name === "string");
  return refuse(
    `it has no dict of tensors, neither outermost nor under ${STATE_DICT_KEYS.join(", ")}; it has ${keys.length > 0 ? showAll(keys) : "no names at all"}`,
    "save it with torch.save(model.state_dict(), FILE)",
  );
}

/** The key that is asked for, or the only one that has it as a part. */
function askedKey(key: string, networks: ReadonlyMap<string, Tensors>, refuse: Refuse): string {
  if (networks.has(key)) return key;
  const having = [...networks.keys()].filter((name) => name.toLowerCase().includes(key.toLowerCase()));
  const [only, second] = having;
  if (only !== undefined && second === undefined) return only;
  const there = [...networks.keys()].map((name) => (name === "" ? "the outermost dict" : show(name)));
  return refuse(
    `it has ${having.length === 0 ? "no dict" : "several dicts"} of tensors under the key ${show(key)}; there is ${there.length > 0 ? there.join(", ") : "none at all"}`,
    "choose one of these with --key (zoo.key in a recipe), or leave it out",
  );
}

/** Drops the wrappers that every name has. */
function unwrapped(tensors: Tensors): Tensors {
  const names = [...tensors.keys()];
  let length = 0;
  for (;;) {
    const wrapper = WRAPPERS.find((prefix) => names.every((name) => name.startsWith(prefix, length)));
    if (wrapper === undefined || names.length === 0) break;
    length += wrapper.length;
  }
  return length === 0 ? tensors : new Map([...tensors].map(([name, tensor]) => [name.slice(length), tensor]));
}

/** The tensors of a dict by name. */
function tensorsIn(dict: Map<unknown, unknown>): Map<string, TensorObject> {
  const tensors = new Map<string, TensorObject>();
  for (const [name, tensor] of dict) if (typeof name === "string" && isTensor(tensor)) tensors.set(name, tensor);
  return tensors;
}

/**
 * Dicts that hold tensors, by the keys that lead to them; the outermost under no key. Each dict is
 * visited once, however many refer to it, and dicts inside a network's are left out.
 */
function dictsOfTensors(outer: Map<unknown, unknown>): Map<string, Tensors> {
  const found = new Map<string, Tensors>();
  const visited = new Set<unknown>([outer]);
  const own = tensorsIn(outer);
  if (own.size > 0) found.set("", own);
  let level: [string, Map<unknown, unknown>][] = [["", outer]];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0 && level.length <= MAX_TENSORS; depth++) {
    const next: typeof level = [];
    for (const [path, dict] of level)
      for (const [key, value] of dict) {
        if (typeof key !== "string" || !(value instanceof Map) || visited.has(value)) continue;
        const start = key.slice(0, MAX_KEY_START);
        if (TRAINING.test(start)) continue;
        visited.add(value);
        const short = path === "" ? start : `${path}.${start}`;
        const way = found.has(short) ? `${short}~${found.size}` : short;
        const tensors = tensorsIn(value);
        if (tensors.size > 0) found.set(way, tensors);
        else next.push([way, value]);
      }
    level = next;
  }
  return found;
}
