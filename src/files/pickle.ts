/**
 * Reads pickles, Python's serialised objects, without running anything. A pickle is a program for a
 * stack machine; this one knows the instructions that build plain values and tensors (protocols 1
 * to 5). A Python object that a pickle asks for is taken from a list or refused by its name.
 * Nothing here recurses, however deeply values nest.
 */

import { show } from "../show.ts";
import { exactInteger, type PickleReader, pickleReader, type ReaderRules } from "./pickle-reader.ts";

/**
 * The most instructions of a pickle. A tensor takes about 45, and each leaves at most one small
 * object: so 65 536 storages can be read, and a hostile pickle takes about a gigabyte at most.
 */
const MAX_INSTRUCTIONS = 2 ** 22;

/** The latest protocol. */
const MAX_PROTOCOL = 5;

/** What a Python object becomes here. */
export interface PythonObject {
  readonly name: string;
  /** The value of a call with these arguments; left out for objects that are only named. */
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** A value that receives its state after it is made, as NumPy's arrays do. */
export interface Stateful {
  setState(state: unknown): void;
}

/** Stands for a value of a Python class that is not known here. It takes any state and items. */
export class InertValue implements Stateful {
  /** The full name of its class, or of the function that makes it. */
  readonly of: string;

  constructor(of: string) {
    this.of = of;
  }

  setState(): void {}
}

/** What a pickle may ask for, and how it is refused. */
export interface PickleRules extends ReaderRules {
  /** The Python objects by full name, such as `collections.OrderedDict`. */
  readonly allowed: ReadonlyMap<string, PythonObject>;
  /**
   * What stands for a Python object that is not on the list and is not needed, such as a date
   * beside the tensors; undefined for one that is refused. It is never made.
   */
  readonly inert?: (name: string) => PythonObject | undefined;
  /** The object outside of the pickle with this identifier: a storage. */
  readonly persistent: (id: unknown) => unknown;
  /** Refuses the Python object of this name. */
  readonly forbid: (name: string) => never;
}

/** The value of a pickle, and where in the bytes it ends. */
export interface Unpickled {
  /** Dicts are Maps, with keys as `dictKey` gives them; lists and tuples are arrays. */
  readonly value: unknown;
  readonly end: number;
}

/** The state of the stack machine. */
interface Machine {
  readonly reader: PickleReader;
  readonly rules: PickleRules;
  readonly stack: unknown[];
  /** Heights of the stack at the marks. */
  readonly marks: number[];
  readonly memo: Map<number, unknown>;
}

function decimal(digits: string, { rules }: Machine): number | bigint {
  return /^-?\d+$/.test(digits) ? exactInteger(BigInt(digits)) : rules.fail("its pickle has an invalid integer");
}

/** Protocol 1 writes booleans as numbers with a leading zero. */
function decimalOrBoolean(digits: string, machine: Machine): number | bigint | boolean {
  return /^0[01]$/.test(digits) ? digits === "01" : decimal(digits, machine);
}

function top({ stack, marks, rules }: Machine): unknown {
  return stack.length > (marks.at(-1) ?? 0)
    ? stack.at(-1)
    : rules.fail("its pickle uses a value that it does not have");
}

function pop(machine: Machine): unknown {
  const value = top(machine);
  machine.stack.pop();
  return value;
}

const popMany = ({ stack, marks, rules }: Machine, count: number): unknown[] =>
  stack.length - count >= (marks.at(-1) ?? 0)
    ? stack.splice(stack.length - count)
    : rules.fail("its pickle uses a value that it does not have");

const popToMark = ({ stack, marks, rules }: Machine): unknown[] =>
  stack.splice(marks.pop() ?? rules.fail("its pickle uses a mark that it does not have"));

function append(machine: Machine, values: readonly unknown[]): void {
  const list = top(machine);
  for (const value of values)
    if (Array.isArray(list)) list.push(value);
    else if (!(list instanceof InertValue)) machine.rules.fail("its pickle appends to a value that is not a list");
}

/** Integers from 0 up to this one are keys of dicts as they are. */
const MAX_KEY = 2 ** 20;

/**
 * A value as the key of a Map. Other numbers than small integers become objects: JavaScript hashes
 * numbers without a secret, so a hostile file could name a million that all collide.
 */
export function dictKey(key: unknown): unknown {
  const isNumber = typeof key === "bigint" || typeof key === "number";
  const isSmall = Number.isInteger(key) && (key as number) >= 0 && (key as number) <= MAX_KEY;
  return isNumber && !isSmall ? { number: key } : key;
}

function setItems(machine: Machine, items: readonly unknown[]): void {
  const dict = top(machine);
  for (let i = 0; i < items.length; i += 2)
    if (dict instanceof Map && i + 1 < items.length) dict.set(dictKey(items[i]), items[i + 1]);
    else if (!(dict instanceof InertValue)) machine.rules.fail("its pickle sets items of a value that is not a dict");
}

function find(module: unknown, name: unknown, { rules }: Machine): PythonObject {
  // Other values are not shown, because showing deeply nested ones would recurse.
  if (typeof module !== "string" || typeof name !== "string")
    return rules.fail("its pickle names an object without a text");
  const path = `${module}.${name}`;
  return rules.allowed.get(path) ?? rules.inert?.(path) ?? rules.forbid(path);
}

function call(machine: Machine): unknown {
  const args = pop(machine);
  const callee = pop(machine);
  return isPythonObject(callee) && callee.call !== undefined && Array.isArray(args)
    ? callee.call(args)
    : machine.rules.fail("its pickle calls a value that is not a function");
}

function setState(machine: Machine): void {
  const state = pop(machine);
  const value = top(machine);
  if (isStateful(value)) value.setState(state);
  // Ordered dicts of modules have attributes (`_metadata`), which are not needed.
  else if (!(value instanceof Map)) machine.rules.fail("its pickle sets attributes of a value that has none");
}

function recall({ memo, rules }: Machine, index: number): unknown {
  return memo.has(index) ? memo.get(index) : rules.fail(`its pickle recalls value ${index}, which it never stored`);
}

/** Instructions that push a value, by opcode. */
const pushes: Readonly<Record<string, (machine: Machine) => unknown>> = {
  N: () => null,
  "\x88": () => true,
  "\x89": () => false,
  I: (machine) => decimalOrBoolean(machine.reader.line(), machine),
  L: (machine) => decimal(machine.reader.line().replace(/L$/, ""), machine),
  J: ({ reader }) => reader.int32(),
  K: ({ reader }) => reader.uint8(),
  M: ({ reader }) => reader.uint16(),
  "\x8a": ({ reader }) => reader.integer(reader.uint8()),
  G: ({ reader }) => reader.float64(),
  X: ({ reader }) => reader.utf8(reader.uint32()),
  "\x8c": ({ reader }) => reader.utf8(reader.uint8()),
  // The texts of Python 2.
  T: ({ reader }) => reader.latin1(reader.uint32()),
  U: ({ reader }) => reader.latin1(reader.uint8()),
  B: ({ reader }) => reader.bytes(reader.uint32()),
  C: ({ reader }) => reader.bytes(reader.uint8()),
  "]": () => [],
  ")": () => [],
  "\x85": (machine) => popMany(machine, 1),
  "\x86": (machine) => popMany(machine, 2),
  "\x87": (machine) => popMany(machine, 3),
  t: popToMark,
  "}": () => new Map(),
  h: (machine) => recall(machine, machine.reader.uint8()),
  j: (machine) => recall(machine, machine.reader.uint32()),
  c: (machine) => find(machine.reader.line(), machine.reader.line(), machine),
  "\x93": (machine) => {
    const [module, name] = popMany(machine, 2);
    return find(module, name, machine);
  },
  R: call,
  // The same for classes.
  "\x81": call,
  Q: (machine) => machine.rules.persistent(pop(machine)),
};

/** Instructions that change the state without pushing a value, by opcode. */
const changes: Readonly<Record<string, (machine: Machine) => void>> = {
  "\x80": ({ reader, rules }) => {
    if (reader.uint8() > MAX_PROTOCOL) rules.fail("its pickle has a protocol after 5");
  },
  // The length of a frame, a hint for reading ahead.
  "\x95": ({ reader }) => reader.skip(8),
  "(": ({ marks, stack }) => void marks.push(stack.length),
  a: (machine) => append(machine, popMany(machine, 1)),
  e: (machine) => append(machine, popToMark(machine)),
  s: (machine) => setItems(machine, popMany(machine, 2)),
  u: (machine) => setItems(machine, popToMark(machine)),
  q: (machine) => void machine.memo.set(machine.reader.uint8(), top(machine)),
  r: (machine) => void machine.memo.set(machine.reader.uint32(), top(machine)),
  "\x94": (machine) => void machine.memo.set(machine.memo.size, top(machine)),
  b: setState,
};

/**
 * Reads the pickle that starts at a position of the bytes. It throws what the rules throw.
 * @param start the position of its first byte.
 */
export function unpickle(bytes: Uint8Array, start: number, rules: PickleRules): Unpickled {
  const reader = pickleReader(bytes, start, rules);
  const machine: Machine = { reader, rules, stack: [], marks: [], memo: new Map() };
  for (let count = 0; count < MAX_INSTRUCTIONS; count++) {
    const opcode = String.fromCharCode(reader.uint8());
    if (opcode === ".") return { value: pop(machine), end: reader.position() };
    const push = pushes[opcode];
    const change = changes[opcode];
    if (push !== undefined) machine.stack.push(push(machine));
    else if (change !== undefined) change(machine);
    else
      rules.fail(
        `its pickle has the instruction ${show(opcode)} at byte ${reader.position() - 1}, which is not supported`,
      );
  }
  return rules.fail(`its pickle has more than ${MAX_INSTRUCTIONS} instructions`);
}

function isPythonObject(value: unknown): value is PythonObject {
  return typeof value === "object" && value !== null && "name" in value;
}

function isStateful(value: unknown): value is Stateful {
  return typeof value === "object" && value !== null && "setState" in value && typeof value.setState === "function";
}
