import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type PythonObject, unpickle } from "./pickle.ts";

class Refusal extends Error {}

const refuse = (problem: string): never => {
  throw new Refusal(problem);
};

const objects: PythonObject[] = [
  { name: "collections.OrderedDict", call: () => new Map() },
  { name: "torch.FloatStorage" },
];

const rules = {
  allowed: new Map(objects.map((object) => [object.name, object])),
  persistent: (id: unknown) => ({ id }),
  fail: refuse,
  forbid: (name: string) => refuse(`asks for ${name}`),
  ended: () => refuse("ended"),
};

const read = (pickle: Uint8Array | string) =>
  unpickle(typeof pickle === "string" ? Buffer.from(pickle, "latin1") : pickle, 0, rules);

/** The message with which a pickle is refused. */
function refusalOf(pickle: Uint8Array | string): string {
  try {
    read(pickle);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return (error as Refusal).message;
  }
  return expect.fail("the pickle was accepted");
}

/**
 * One value as Python writes it, by protocol:
 * `base64.b64encode(pickle.dumps(OrderedDict([("numbers", [1, -1, 255, 256, 70000, 2**40, -2**40,
 * 2**70, -2**70, 0.5]), ("others", [True, False, None, "é"]), ("tuples", [(), (1,), (1, 2), (1, 2,
 * 3), (1, 2, 3, 4)]), ("dicts", {"a": {}, 3: []})]), protocol))`; from protocol 3 on with
 * `("bytes", b"ab")`.
 */
const WRITTEN: readonly (readonly [number, string])[] = [
  [
    1,
    "Y2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEAKVJxAShYBwAAAG51bWJlcnNxAl1xAyhLAUr/////S/9NAAFKcBEBAEwxMDk5NTExNjI3Nzc2TApMLTEwOTk1MTE2Mjc3NzZMCkwxMTgwNTkxNjIwNzE3NDExMzAzNDI0TApMLTExODA1OTE2MjA3MTc0MTEzMDM0MjRMCkc/4AAAAAAAAGVYBgAAAG90aGVyc3EEXXEFKEkwMQpJMDAKTlgCAAAAw6lxBmVYBgAAAHR1cGxlc3EHXXEIKCkoSwF0cQkoSwFLAnRxCihLAUsCSwN0cQsoSwFLAksDSwR0cQxlWAUAAABkaWN0c3ENfXEOKFgBAAAAYXEPfXEQSwNdcRF1dS4=",
  ],
  [
    2,
    "gAJjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBKFgHAAAAbnVtYmVyc3ECXXEDKEsBSv////9L/00AAUpwEQEAigYAAAAAAAGKBgAAAAAA/4oJAAAAAAAAAABAigkAAAAAAAAAAMBHP+AAAAAAAABlWAYAAABvdGhlcnNxBF1xBSiIiU5YAgAAAMOpcQZlWAYAAAB0dXBsZXNxB11xCCgpSwGFcQlLAUsChnEKSwFLAksDh3ELKEsBSwJLA0sEdHEMZVgFAAAAZGljdHNxDX1xDihYAQAAAGFxD31xEEsDXXERdXUu",
  ],
  [
    3,
    "gANjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQApUnEBKFgHAAAAbnVtYmVyc3ECXXEDKEsBSv////9L/00AAUpwEQEAigYAAAAAAAGKBgAAAAAA/4oJAAAAAAAAAABAigkAAAAAAAAAAMBHP+AAAAAAAABlWAYAAABvdGhlcnNxBF1xBSiIiU5YAgAAAMOpcQZlWAYAAAB0dXBsZXNxB11xCCgpSwGFcQlLAUsChnEKSwFLAksDh3ELKEsBSwJLA0sEdHEMZVgFAAAAZGljdHNxDX1xDihYAQAAAGFxD31xEEsDXXERdVgFAAAAYnl0ZXNxEkMCYWJxE3Uu",
  ],
  [
    5,
    "gAWV1QAAAAAAAACMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5QpUpQojAdudW1iZXJzlF2UKEsBSv////9L/00AAUpwEQEAigYAAAAAAAGKBgAAAAAA/4oJAAAAAAAAAABAigkAAAAAAAAAAMBHP+AAAAAAAABljAZvdGhlcnOUXZQoiIlOjALDqZRljAZ0dXBsZXOUXZQoKUsBhZRLAUsChpRLAUsCSwOHlChLAUsCSwNLBHSUZYwFZGljdHOUfZQojAFhlH2USwNdlHWMBWJ5dGVzlEMCYWKUdS4=",
  ],
];

describe("a pickle", () => {
  it.each(WRITTEN)("is read as Python wrote it with protocol %i", (protocol, base64) => {
    const expected = new Map<unknown, unknown>([
      ["numbers", [1, -1, 255, 256, 70000, 2 ** 40, -(2 ** 40), 2n ** 70n, -(2n ** 70n), 0.5]],
      ["others", [true, false, null, "é"]],
      ["tuples", [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]],
      ["dicts", new Map<unknown, unknown>([["a", new Map()]]).set(3, [])],
    ]);
    if (protocol >= 3) expected.set("bytes", new Uint8Array(Buffer.from("ab")));
    const bytes = Buffer.from(base64, "base64");
    const { value, end } = read(new Uint8Array(bytes));
    expect(value).toEqual(expected);
    expect(end).toBe(bytes.length);
  });

  it("can start at any position, with other bytes after it", () => {
    expect(unpickle(Buffer.from("xxK\x07.K"), 2, rules)).toEqual({ value: 7, end: 5 });
  });

  it("has texts of bytes when Python 2 wrote it", () => {
    expect(read("U\x02abT\x01\x00\x00\x00\xe9\x86.").value).toEqual(["ab", "é"]);
  });

  it("gives the same object wherever it is recalled", () => {
    const { value } = read("]q\x05h\x05j\x05\x00\x00\x00\x87.");
    const [list, again] = value as unknown[];
    expect(again).toBe(list);
  });

  it("can nest deeply and contain itself", () => {
    let { value } = read(`${"]".repeat(1e5)}${"a".repeat(1e5 - 1)}.`);
    let depth = 0;
    for (; Array.isArray(value); depth++) value = value[0];
    expect(depth).toBe(1e5);
    const itself = read("]q\x00h\x00a.").value as unknown[];
    expect(itself[0]).toBe(itself);
  });

  it("refers to objects outside of it", () => {
    expect(read("X\x01\x00\x00\x00aQ.").value).toEqual({ id: "a" });
  });

  it("can set attributes of a dict, which are dropped", () => {
    expect(read("}}X\x01\x00\x00\x00aNsb.").value).toEqual(new Map());
  });

  it("cannot reach JavaScript's own objects", () => {
    const { value } = read("}U\x09__proto__}U\x01aNss.");
    expect(value).toEqual(new Map([["__proto__", new Map([["a", null]])]]));
    expect(refusalOf("c__proto__\nconstructor\n.")).toBe("asks for __proto__.constructor");
    expect(refusalOf("cObject\nconstructor\n.")).toBe("asks for Object.constructor");
  });
});

describe("an untrusted pickle", () => {
  it.each([
    ["a function of the system", "cos\nsystem\n(U\x04id >tR.", "asks for os.system"],
    ["the same in protocol 4", "\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.", "asks for os.system"],
    ["a builtin", "c__builtin__\neval\n(U\x011tR.", "asks for __builtin__.eval"],
    ["a function found through an allowed module", "ccollections\n_sys.exit\n.", "asks for collections._sys.exit"],
    ["an object named by no text", "]N\x93.", "names an object without a text"],
    ["an object named by a deep list", `${"]".repeat(1e5)}${"a".repeat(1e5 - 1)}N\x93.`, "without a text"],
    ["a call of an object that is only a name", "ctorch\nFloatStorage\n)R.", "calls a value that is not a function"],
    ["a call of a number", "K\x01)R.", "calls a value that is not a function"],
    ["a call without arguments", "ccollections\nOrderedDict\nNR.", "calls a value that is not a function"],
    ["a new object of a value", "ccollections\nOrderedDict\n)R)\x81.", "calls a value that is not a function"],
    ["a persistent identifier in text", "P1\n.", "instruction P at byte 0"],
    ["an instance by name", "(ios\nsystem\n.", "instruction i at byte 1"],
    ["an unknown protocol", "\x80\x06.", "protocol after 5"],
    ["an empty stack", ".", "a value that it does not have"],
    ["a value before a mark", "N(.", "a value that it does not have"],
    ["a missing mark", "Nt.", "a mark that it does not have"],
    ["a value never noted", "h\x00.", "recalls value 0"],
    ["an item of a list", "]NNs.", "sets items of a value that is not a dict"],
    ["a key without a value", "}(Nu.", "sets items of a value that is not a dict"],
    ["an element of a dict", "}Na.", "appends to a value that is not a list"],
    ["attributes of a list", "]Nb.", "attributes of a value that has none"],
    ["a text that is not UTF-8", "X\x01\x00\x00\x00\xff.", "not UTF-8"],
    ["a number in letters", "Iabc\n.", "an invalid integer"],
    ["an endless line", `L${"1".repeat(1000)}\n.`, "endless line"],
    ["a text longer than the file", "X\xff\xff\xff\xffa.", "ended"],
  ])("%s", (_, pickle, problem) => {
    expect(refusalOf(pickle)).toContain(problem);
  });

  it("is refused when it never ends", () => {
    expect(refusalOf(Buffer.alloc(2 ** 22 + 1, "N"))).toContain("more than 4194304 instructions");
  });

  it("is refused wherever it is cut short", () => {
    for (const [, base64] of WRITTEN) {
      const bytes = Buffer.from(base64, "base64");
      for (let length = 0; length < bytes.length; length++) expect(refusalOf(bytes.subarray(0, length))).toBe("ended");
    }
  });

  it("is read or refused, whatever its bytes are", () => {
    const instructions = fc.constantFrom(
      ...Buffer.from("\x80\x95.N\x88\x89ILJKM\x8aGX\x8cTUBC])\x85\x86\x87t}hjc\x93RQ(aesuqr\x94b\n", "latin1"),
    );
    const bytes = fc.array(fc.oneof({ weight: 4, arbitrary: instructions }, fc.nat(255)), { maxLength: 60 });
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    const written = fc.tuple(fc.constantFrom(...WRITTEN), edits).map(([[, base64], changes]) => {
      const whole = Buffer.from(base64, "base64");
      for (const [at, byte] of changes) whole[at % whole.length] = byte;
      return [...whole];
    });
    fc.assert(
      fc.property(fc.oneof(bytes, written), (pickle) => {
        try {
          read(Uint8Array.from(pickle));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

it("takes dicts whose keys are numbers that JavaScript hashes alike", () => {
  // Only the lowest 64 bits of a BigInt are hashed.
  const keys = Array.from({ length: 60_000 }, (_, i) => {
    const key = Buffer.from("\x8a\x0c\x07\0\0\0\0\0\0\0\0\0\0\0N", "latin1");
    key.writeInt32LE(i + 1, 10);
    return key;
  });
  const { value } = read(Buffer.concat([Buffer.from("}("), ...keys, Buffer.from("u.")]));
  expect(value).toBeInstanceOf(Map);
  expect((value as Map<unknown, unknown>).size).toBe(60_000);
});
