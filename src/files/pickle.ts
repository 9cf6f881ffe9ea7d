/**
 * Pickles, Python's serialised objects, read without running anything. A pickle is a program for a small stack machine;
 * the one here knows the instructions with which plain values and tensors are built (protocols 1 to 5), and a Python object
 * that a pickle asks for is taken from a list or refused by its name. Nothing here recurses, however deep values nest.
 */
import { show } from "./show.ts";

/**
 * The most instructions carried out. A tensor takes about 45, and each leaves at most one small object: so 65 536
 * storages can be read, and a hostile pickle takes about a gigabyte at most.
 */
const MAX_INSTRUCTIONS = 2 ** 22;

/** The longest line in a pickle: the name of a module or object, or the digits of a number. */
const MAX_LINE = 1000;

/** What a Python object becomes here: a function of the arguments it is called with, unless it is only ever named. */
export interface PythonObject {
  readonly name: string;
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** A value made by a Python object that takes on its state afterwards, as NumPy's arrays do. */
export interface Stateful {
  setState(state: unknown): void;
}

/** What a pickle may ask for, and how it is refused. */
export interface PickleRules {
  /** The Python objects by full name, such as `collections.OrderedDict`. */
  readonly allowed: ReadonlyMap<string, PythonObject>;
  /** What stands outside of the pickle under this identifier: storages. */
  readonly persistent: (id: unknown) => unknown;
  /** The problem is a clause such as "its pickle asks for …". */
  readonly fail: (problem: string) => never;
  /** Refuses the Python object of this name. */
  readonly forbid: (name: string) => never;
  /** Called when the bytes end before the pickle does. */
  readonly ended: () => never;
}

/** What a pickle stands for (dicts as Maps, lists and tuples as arrays), and where in the bytes it ends. */
export interface Unpickled {
  readonly value: unknown;
  readonly end: number;
}

/** Carries out the pickle that starts at a position of the bytes. */
export function unpickle(bytes: Uint8Array, start: number, rules: PickleRules): Unpickled {
  const { allowed, persistent, fail, forbid, ended } = rules;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const stack: unknown[] = [];
  /** Heights of the stack from which the values since a mark lie. */
  const marks: number[] = [];
  const memo = new Map<number, unknown>();
  let at = start;

  /** Steps over so many bytes and says where they began. */
  function skip(length: number): number {
    if (at + length > bytes.length) ended();
    at += length;
    return at - length;
  }

  const uint8 = (): number => view.getUint8(skip(1));
  const uint16 = (): number => view.getUint16(skip(2), true);
  const uint32 = (): number => view.getUint32(skip(4), true);
  const take = (length: number): Uint8Array => bytes.subarray(skip(length), at);

  function text(length: number): string {
    const encoded = take(length);
    try {
      return utf8.decode(encoded);
    } catch {
      return fail("its pickle has a text that is not UTF-8");
    }
  }

  function line(): string {
    const length = bytes.subarray(at, at + MAX_LINE).indexOf(0x0a);
    if (length < 0) return at + MAX_LINE > bytes.length ? ended() : fail("its pickle has an endless line");
    const content = latin1(take(length));
    skip(1);
    return content;
  }

  function decimal(digits: string): number | bigint {
    return /^-?\d+$/.test(digits) ? plain(BigInt(digits)) : fail("its pickle has an integer that is none");
  }

  /** Protocol 1 writes truth values as numbers with a leading zero. */
  function decimalOrTruth(digits: string): number | bigint | boolean {
    return /^0[01]$/.test(digits) ? digits === "01" : decimal(digits);
  }

  function top(): unknown {
    return stack.length > (marks.at(-1) ?? 0) ? stack.at(-1) : fail("its pickle uses a value that it does not have");
  }

  function pop(): unknown {
    const value = top();
    stack.pop();
    return value;
  }

  const popMany = (count: number): unknown[] => Array.from({ length: count }, pop).reverse();
  const popToMark = (): unknown[] => stack.splice(marks.pop() ?? fail("its pickle uses a mark that it does not have"));

  function append(values: readonly unknown[]): void {
    const list = top();
    for (const value of values)
      if (Array.isArray(list)) list.push(value);
      else fail("its pickle appends to something that is no list");
  }

  function setItems(items: readonly unknown[]): void {
    const dict = top();
    for (let i = 0; i < items.length; i += 2)
      if (dict instanceof Map && i + 1 < items.length) dict.set(items[i], items[i + 1]);
      else fail("its pickle sets items of something that is no dict");
  }

  function find(module: unknown, name: unknown): PythonObject {
    // Checked, because to write out values that nest deeply would recurse.
    if (typeof module !== "string" || typeof name !== "string")
      return fail("its pickle names an object without a text");
    const path = `${module}.${name}`;
    return allowed.get(path) ?? forbid(path);
  }

  function call(callee: unknown, args: unknown): unknown {
    return isPythonObject(callee) && callee.call !== undefined && Array.isArray(args)
      ? callee.call(args)
      : fail("its pickle calls something that is no function");
  }

  function setState(): void {
    const state = pop();
    const value = top();
    if (isStateful(value)) value.setState(state);
    // Ordered dicts of modules have attributes (`_metadata`); nobody needs them.
    else if (!(value instanceof Map)) fail("its pickle sets attributes of something that has none");
  }

  function recall(index: number): unknown {
    return memo.has(index) ? memo.get(index) : fail(`its pickle recalls value ${index}, which it never noted`);
  }

  /** Instructions that push a value. */
  const values: Readonly<Record<string, () => unknown>> = {
    N: () => null,
    "\x88": () => true,
    "\x89": () => false,
    I: () => decimalOrTruth(line()),
    L: () => decimal(line().replace(/L$/, "")),
    J: () => view.getInt32(skip(4), true),
    K: uint8,
    M: uint16,
    "\x8a": () => plain(signed(take(uint8()))),
    G: () => view.getFloat64(skip(8)),
    X: () => text(uint32()),
    "\x8c": () => text(uint8()),
    // The texts of Python 2.
    T: () => latin1(take(uint32())),
    U: () => latin1(take(uint8())),
    B: () => take(uint32()),
    C: () => take(uint8()),
    "]": () => [],
    ")": () => [],
    "\x85": () => popMany(1),
    "\x86": () => popMany(2),
    "\x87": () => popMany(3),
    t: popToMark,
    "}": () => new Map(),
    h: () => recall(uint8()),
    j: () => recall(uint32()),
    c: () => find(line(), line()),
    "\x93": () => find(...(popMany(2) as [unknown, unknown])),
    R: () => call(...(popMany(2) as [unknown, unknown])),
    Q: () => persistent(pop()),
  };

  /** Instructions that change something else. */
  const changes: Readonly<Record<string, () => void>> = {
    "\x80": () => uint8() <= 5 || fail("its pickle has a protocol after 5"),
    // The length of a frame, a hint for reading ahead.
    "\x95": () => skip(8),
    "(": () => marks.push(stack.length),
    a: () => append(popMany(1)),
    e: () => append(popToMark()),
    s: () => setItems(popMany(2)),
    u: () => setItems(popToMark()),
    q: () => memo.set(uint8(), top()),
    r: () => memo.set(uint32(), top()),
    "\x94": () => memo.set(memo.size, top()),
    b: setState,
  };

  for (let count = 0; count < MAX_INSTRUCTIONS; count++) {
    const instruction = String.fromCharCode(uint8());
    if (instruction === ".") return { value: pop(), end: at };
    const value = values[instruction];
    const change = changes[instruction];
    if (value !== undefined) stack.push(value());
    else if (change !== undefined) change();
    else fail(`its pickle has the instruction ${show(instruction)} at byte ${at - 1}, which is not carried out`);
  }
  return fail(`its pickle has more than ${MAX_INSTRUCTIONS} instructions`);
}

function isPythonObject(value: unknown): value is PythonObject {
  return typeof value === "object" && value !== null && "name" in value;
}

function isStateful(value: unknown): value is Stateful {
  return typeof value === "object" && value !== null && "setState" in value && typeof value.setState === "function";
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** A little-endian number in two's complement, of any length. */
function signed(bytes: Uint8Array): bigint {
  const digits = Buffer.from(bytes).reverse().toString("hex");
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits || "0"}`));
}

/** An integer as a number where a number holds it exactly. */
function plain(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
