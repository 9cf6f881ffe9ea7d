import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { UserError } from "../../../errors.ts";
import { readWhole } from "../../state-dict.ts";
import { type Described, legacyOf, pickleOf, pthOf, zipOf } from "./pth.fixture.ts";
import { openPth } from "./pth.ts";

/**
 * A case of the fixture: a file that PyTorch wrote, and what it holds or the object for which it is
 * refused.
 */
type Case = { readonly file: string } & (
  | { readonly refused: string }
  | {
      readonly dtypes: Readonly<Record<string, string>>;
      readonly shapes: Readonly<Record<string, readonly number[]>>;
      readonly values: Readonly<Record<string, readonly number[]>>;
    }
);

const fixture: Readonly<Record<string, Case>> = JSON.parse(
  readFileSync(new URL("../../../../test/fixtures/pth.json", import.meta.url), "utf8"),
);
const cases = Object.entries(fixture);
const fileOf = ({ file }: Case): Buffer => gunzipSync(Buffer.from(file, "base64"));

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-pth-"));
  path = join(folder, "model.pth");
});
afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Uint8Array) {
  await writeFile(path, bytes);
  return readWhole(await openPth(path));
}

/** The message with which a file of these bytes is refused. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const error: unknown = await read(bytes).then(
    () => expect.fail("the file was accepted"),
    (reason) => reason,
  );
  return checkedMessage(error);
}

function checkedMessage(error: unknown): string {
  expect(error).toBeInstanceOf(UserError);
  const { code, message } = error as UserError;
  expect(code).toBe("E_CHECKPOINT");
  expect(message).toContain(path);
  expect(message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  expect(message.length).toBeLessThan(2000);
  return message;
}

describe("a checkpoint of PyTorch", () => {
  it.each(cases.filter(([, value]) => "values" in value))("is read: %s", async (_, value) => {
    const { dtypes, shapes, values } = value as Extract<Case, { values: unknown }>;
    const content = await read(fileOf(value));
    expect([...content.dtypes]).toEqual(Object.entries(dtypes));
    expect([...content.shapes]).toEqual(Object.entries(shapes));
    expect([...content.tensors]).toEqual(
      Object.entries(values).map(([name, numbers]) => [name, Float32Array.from(numbers)]),
    );
  });

  it("is refused by the entry's name when a bit of a storage was flipped", async () => {
    const value = fixture["a state dict"] as Extract<Case, { values: unknown }>;
    const bytes = fileOf(value);
    const at = bytes.indexOf(new Uint8Array(Float32Array.from(value.values["0.weight"] ?? []).buffer));
    expect(at).toBeGreaterThan(0);
    bytes[at]! ^= 1;
    expect(await refusal(bytes)).toMatch(/its zip entry \S+\/data\/0 was changed after it was written/);
  });

  it("is refused by the entry's name when a bit of its pickle was flipped", async () => {
    const bytes = fileOf(fixture["a state dict"]!);
    bytes[bytes.indexOf("0.weight")]! ^= 1;
    expect(await refusal(bytes)).toMatch(/its zip entry \S+\/data\.pkl was changed after it was written/);
  });

  it.each(cases.filter(([, value]) => "refused" in value))("is refused by name: %s", async (_, value) => {
    const { refused } = value as Extract<Case, { refused: unknown }>;
    expect(await refusal(fileOf(value))).toContain(`asks for the Python object ${refused}, which is not allowed`);
    expect(existsSync("/tmp/pdiff-was-here")).toBe(false);
  });
});

/** A tensor of six values, changed in what is given. */
const six = (changes: Partial<Described> = {}): Described => ({
  storage: "0",
  stored: 6,
  offset: 0,
  shape: [2, 3],
  strides: [3, 1],
  ...changes,
});

const sixValues = { 0: Float32Array.of(0, 1, 2, 3, 4, 5) };

describe("a tensor is a view of its storage", () => {
  it.each([
    ["a zip archive", pthOf],
    ["the old format", legacyOf],
  ])("with the elements that offset and strides name, in %s", async (_, fileOf) => {
    const view = fc
      .record({
        offset: fc.nat(3),
        axes: fc.array(fc.tuple(fc.nat(4), fc.nat(7)), { maxLength: 4 }),
      })
      .map(({ offset, axes }) => ({
        offset,
        shape: axes.map(([size]) => size),
        strides: axes.map(([, step]) => step),
      }));
    await fc.assert(
      fc.asyncProperty(fc.array(view, { minLength: 1, maxLength: 4 }), async (views) => {
        const stored = 100;
        const values = Float32Array.from({ length: stored }, (_, i) => i);
        const described = views.map((each, i) => [`t${i}`, { storage: "0", stored, ...each }] as const);
        const content = await read(fileOf(Object.fromEntries(described), { 0: values }));
        for (const [name, { offset, shape, strides }] of described) {
          let expected = [offset];
          for (const [axis, size] of shape.entries())
            expected = expected.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides[axis]!));
          expect(content.tensors.get(name)).toEqual(Float32Array.from(expected, (at) => values[at]!));
          expect(content.shapes.get(name)).toEqual(shape);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("one of many, more than fit into what is read of the old format at first", async () => {
    const views = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, six()]));
    const bytes = legacyOf(views, sixValues);
    expect(bytes.length).toBeGreaterThan(2 ** 16);
    expect((await read(bytes)).tensors.size).toBe(1000);
  });

  it("whatever the step along an axis of one element", async () => {
    const column = six({ shape: [2, 1], strides: [3, 2 ** 53 - 1] });
    expect((await read(pthOf({ column }, sixValues))).tensors.get("column")).toEqual(Float32Array.of(0, 3));
  });

  it("that may be larger than one piece of the file", async () => {
    const stored = 2 ** 21 + 5;
    const values = Float32Array.from({ length: stored }, (_, i) => i);
    const half = (stored - 1) / 2;
    const unzipped = { storage: "0", stored, offset: 1, shape: [2, half], strides: [1, 2] };
    const { tensors } = await read(pthOf({ unzipped }, { 0: values }));
    const expected = Float32Array.from({ length: 2 * half }, (_, i) => (i < half ? 2 * i + 1 : 2 * (i - half) + 2));
    expect(Buffer.from(tensors.get("unzipped")!.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
  });

  it.each([
    ["ends after its storage", six({ offset: 1 }), "tensor w of shape [2,3] needs element 6 of a storage of 6"],
    ["starts after its storage", six({ offset: 7, shape: [], strides: [] }), "needs element 7 of a storage of 6"],
    ["steps out of its storage", six({ strides: [4, 1] }), "needs element 6"],
    ["has an enormous shape", six({ shape: [2 ** 52, 2 ** 52], strides: [1, 1] }), "of a storage of 6"],
    ["repeats a value too often", six({ shape: [2 ** 20, 2 ** 20], strides: [0, 0] }), "more than 2^30 elements"],
    ["fills much more memory than its file", six({ shape: [2 ** 25], strides: [0] }), "bytes of memory"],
    ["has no value but an offset", six({ shape: [0], strides: [1], offset: 9 }), "of a storage of 6"],
    ["has a negative step", six({ strides: [-3, 1] }), "tensor w is described in an unknown way"],
    ["has a negative size", six({ shape: [-1, 3] }), "described in an unknown way"],
    ["lacks a step", six({ strides: [1] }), "described in an unknown way"],
    ["has too many dimensions", six({ shape: Array(65).fill(1), strides: Array(65).fill(1) }), "expected at most 64"],
    ["has a larger storage than the file", six({ stored: 7 }), "storage 0 has 24 bytes, expected 28"],
    ["has a storage that is not there", six({ storage: "../0" }), "storage ../0 has no bytes"],
    ["has a storage of a negative size", six({ stored: -1 }), "describes a storage in an unknown way"],
    [
      "has a storage of an unknown type",
      six({ type: "torch\nQInt8Storage" }),
      "torch.QInt8Storage, which is not allowed",
    ],
    [
      "has a storage of a type that is none",
      six({ type: "collections\nOrderedDict" }),
      "describes a storage in an unknown way",
    ],
  ])("and is refused where it %s", async (_, w, problem) => {
    expect(await refusal(pthOf({ w }, sixValues))).toContain(problem);
  });

  it("and is refused where two views describe one storage differently", async () => {
    const views = { a: six(), b: six({ type: "torch\nLongStorage" }) };
    expect(await refusal(pthOf(views, sixValues))).toContain("describes the storage 0 in two ways");
  });

  it("and many views that fill much more memory than their file are refused", async () => {
    const whole = { storage: "0", stored: 2 ** 20, offset: 0, shape: [2 ** 20], strides: [1] };
    const views = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`t${i}`, whole]));
    expect(await refusal(pthOf(views, { 0: new Float32Array(2 ** 20) }))).toContain("bytes of memory");
  });
});

describe("the state dict", () => {
  it("is what lies outermost, whatever stands beside it", async () => {
    expect([...(await read(pthOf({ w: six() }, sixValues))).tensors.keys()]).toEqual(["w"]);
  });

  it("loses the prefix module. only where every name has it", async () => {
    const { tensors } = await read(pthOf({ "module.a": six(), "module.b": six() }, sixValues));
    expect([...tensors.keys()]).toEqual(["a", "b"]);
    const mixed = await read(pthOf({ "module.a": six(), b: six() }, sixValues));
    expect([...mixed.tensors.keys()]).toEqual(["module.a", "b"]);
  });

  it("may be a dict of pairs, as Python 2 wrote it", async () => {
    const tensor = pickleOf({ w: six() }).subarray(4, -2);
    const pickle = Buffer.concat([Buffer.from("ccollections\nOrderedDict\n(](("), tensor, Buffer.from("tetR.")]);
    const { tensors } = await read(
      zipOf([
        ["m/data.pkl", pickle],
        ["m/data/0", new Uint8Array(sixValues[0].buffer)],
      ]),
    );
    expect([...tensors.keys()]).toEqual(["w"]);
  });

  it("is missed, with the names that there are", async () => {
    const pickle = Buffer.from("}(U\x05epochK\x01U\x05model}u.");
    expect(await refusal(zipOf([["m/data.pkl", pickle]]))).toContain(
      "no dict of tensors, neither outermost nor under state_dict, model, model_state_dict, net, module; it has epoch, model;",
    );
    expect(await refusal(zipOf([["m/data.pkl", Buffer.from("K\x01.")]]))).toContain("it has no names at all");
  });
});

describe("a pickle that refers to one object many times", () => {
  const text = (value: string): Buffer => {
    const head = Buffer.from("X\0\0\0\0");
    head.writeUInt32LE(value.length, 1);
    return Buffer.concat([head, Buffer.from(value)]);
  };
  const repeat = (piece: string, times: number): Buffer => Buffer.from(piece.repeat(times), "latin1");
  const tensor = pickleOf({ w: six() }).subarray(4, -2);
  const withPickle = (...parts: readonly (Buffer | string)[]): Buffer =>
    zipOf([
      [
        "m/data.pkl",
        Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))),
      ],
      ["m/data/0", new Uint8Array(sixValues[0].buffer)],
    ]);
  /** Keys that differ, in the text of pickles. */
  const keys = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => text(`k${i}`));

  it("copies a list of pairs once, however often a dict is made of it", async () => {
    const list = Buffer.concat([
      Buffer.from("](("),
      tensor,
      Buffer.from("t"),
      repeat("(NNt", 100_000),
      Buffer.from("eq\0"),
    ]);
    const file = withPickle(list, "ccollections\nOrderedDict\nq\x01", repeat("h\x01h\0\x85R", 200_000), ".");
    expect([...(await read(file)).tensors.keys()]).toEqual(["w"]);
  });

  it("visits a dict once, whatever number of keys lead to it", async () => {
    const inner = Buffer.concat([
      Buffer.from("}q\0("),
      ...keys(100_000).map((key) => Buffer.concat([key, Buffer.from("N")])),
      Buffer.from("u"),
    ]);
    const outer = keys(60_000).map((key) => Buffer.concat([key, Buffer.from("h\0")]));
    expect(await refusal(withPickle(inner, "}(", ...outer, "u."))).toContain("no dict of tensors");
  });

  it("finds a dict of tensors that two keys lead to", async () => {
    const inner = Buffer.concat([Buffer.from("}q\0("), tensor, Buffer.from("u")]);
    const { tensors } = await read(withPickle("}(", text("a"), inner, text("b"), "h\0u."));
    expect([...tensors.keys()]).toEqual(["w"]);
  });

  it("joins no keys that it does not show", async () => {
    const long = Buffer.concat([text("k".repeat(1_000_000))]);
    const one = (key: Buffer) => Buffer.concat([key, Buffer.from("}("), tensor, Buffer.from("u")]);
    const message = await refusal(withPickle("}(", long, "}(", ...keys(20_000).map(one), "uu."));
    expect(message).toContain("several dicts of tensors");
  });

  it("drops a wrapper that is repeated millions of times", async () => {
    const name = `${"module.".repeat(1_000_000)}w`;
    const { tensors } = await read(pthOf({ [name]: six() }, sixValues));
    expect([...tensors.keys()]).toEqual(["w"]);
  });

  it("is refused where views that are not dense span far more than the file has", async () => {
    const spans = Array.from({ length: 200 }, (_, i) => [
      `t${i}`,
      six({ stored: 200_001, shape: [2], strides: [200_000] }),
    ]);
    const file = pthOf(Object.fromEntries(spans), { 0: new Float32Array(200_001) });
    expect(await refusal(file)).toContain("bytes of memory");
  });
});

describe("a file that cannot be trusted", () => {
  const pickle = pickleOf({ w: six() });
  const values = new Uint8Array(sixValues[0].buffer);
  const zip64 = Buffer.alloc(42);
  zip64.writeUInt32LE(0x07064b50, 0);
  zip64.fill(0xff, 8, 16);
  zip64.writeUInt32LE(0x06054b50, 20);

  it.each([
    ["nothing", Buffer.alloc(0), "neither a zip archive nor a pickle"],
    ["a text", Buffer.from("<!DOCTYPE html>"), "neither a zip archive nor a pickle"],
    ["a zip archive of something else", zipOf([["a.npy", values]]), "a zip archive without data.pkl"],
    ["a folder too deep", zipOf([["a/b/data.pkl", pickle]]), "a zip archive without data.pkl"],
    ["a folder in a name of two lines", zipOf([["x\na/data.pkl", pickle]]), "storage 0 has no bytes"],
    [
      "a TorchScript program",
      zipOf([
        ["a/data.pkl", pickle],
        ["a/constants.pkl", pickle],
      ]),
      "a TorchScript program",
    ],
    [
      "big-endian numbers",
      zipOf([
        ["a/data.pkl", pickle],
        ["a/byteorder", Buffer.from("big")],
      ]),
      "not little-endian",
    ],
    [
      "a repeated entry",
      zipOf([
        ["a/data.pkl", pickle],
        ["a/data.pkl", pickle],
      ]),
      "zip entry a/data.pkl twice",
    ],
    ["a name that would break the line", zipOf([["/\x1b[31m\n", pickle]]), "absolute path"],
    ["a zip archive's start", Buffer.from("PK\x03\x04 and no end"), "zip directory cannot be read"],
    ["a zip directory beyond any file", Buffer.concat([Buffer.from("PK\x03\x04"), zip64]), "unexpected end"],
    ["a pickle in the wrong place", Buffer.from("\x80\x02}.", "latin1"), "not one that torch.save wrote"],
  ])("is refused: %s", async (_, bytes, problem) => {
    expect(await refusal(bytes)).toContain(problem);
  });

  it("is refused when it is compressed beyond measure", async () => {
    const bomb = Buffer.from(fileOf(fixture.compressed!));
    // In the zip directory, the size of the first entry, which is the pickle.
    const central = bomb.indexOf(Buffer.from("PK\x01\x02"));
    bomb.writeUInt32LE(2 ** 27, central + 24);
    expect(await refusal(bomb)).toContain("bytes of memory");
  });

  it("is refused when an entry is not as long as the directory says", async () => {
    const bytes = Buffer.from(fileOf(fixture.compressed!));
    const central = bytes.indexOf(Buffer.from("PK\x01\x02"));
    bytes.writeUInt32LE(bytes.readUInt32LE(central + 24) + 1, central + 24);
    expect(await refusal(bytes)).toMatch(/zip entry archive\/data.pkl has \d+ bytes, expected \d+/);
  });

  it("is refused when it has too many entries", async () => {
    const bytes = Buffer.from(fileOf(fixture.views!));
    // PyTorch always writes the 64-bit end of the directory.
    const end = bytes.indexOf(Buffer.from("PK\x06\x06"));
    bytes.writeBigUInt64LE(2n ** 60n, end + 32);
    expect(await refusal(bytes)).toContain("zip entries, expected at most 65536");
  });

  it.each([
    [
      "is cut",
      legacyOf({ w: six() }, sixValues).subarray(0, -1),
      /its storage 0 ends after byte \d+, the file at \d+;/,
    ],
    ["has a longer storage", legacyOf({ w: six({ stored: 7 }) }, sixValues), /its storage 0 ends after byte/],
    [
      "has a shorter storage",
      legacyOf({ w: six({ stored: 5 }) }, sixValues),
      "its storage 0 has 6 elements, expected 5;",
    ],
    ["lacks a storage", legacyOf({ w: six() }, {}), "its storage 0 is missing"],
    ["has a storage without a tensor", legacyOf({ w: six() }, { ...sixValues, 1: sixValues[0] }), "1 is not described"],
    ["is big-endian", legacyOf({ w: six() }, sixValues, { littleEndian: false }), "not little-endian"],
  ])("is refused when a file of the old format %s", async (_, bytes, problem) => {
    expect(await refusal(bytes)).toMatch(problem);
  });

  const small = ["parameters", "compressed", "the old format, protocol 4", "a malicious pickle"];

  it.each(small)("is refused at whatever byte it was cut: %s", async (name) => {
    const whole = fileOf(fixture[name]!);
    const step = Math.ceil(whole.length / 200);
    for (let length = 0; length < whole.length; length += step) await refusal(whole.subarray(0, length));
    await refusal(whole.subarray(0, -1));
  });

  it.each(small)("is either read or refused, whatever happened to its bytes: %s", async (name) => {
    const whole = fileOf(fixture[name]!);
    // Most bytes of an archive are padding; what is around its marks matters.
    const marks = ["PK", "data.pkl", "\x80", "Storage"].flatMap((mark) => {
      const at = whole.indexOf(Buffer.from(mark, "latin1"));
      return at < 0 ? [] : [at];
    });
    const place = fc.oneof(
      fc.nat(whole.length - 1),
      fc.tuple(fc.constantFrom(...marks), fc.nat(120)).map(([mark, after]) => Math.min(mark + after, whole.length - 1)),
      fc.nat(400).map((before) => Math.max(0, whole.length - 1 - before)),
    );
    const edit = fc.record({
      at: place,
      removed: fc.nat(2),
      inserted: fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 255)), { maxLength: 2 }),
    });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        let bytes: Buffer = whole;
        for (const { at, removed, inserted } of edits)
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at + removed)]);
        await read(bytes).catch((error) => {
          refused++;
          checkedMessage(error);
        });
      }),
      { numRuns: 100 },
    );
    expect(refused).toBeGreaterThan(20);
  });
});
