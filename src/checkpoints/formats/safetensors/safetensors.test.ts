import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { UserError } from "../../../errors.ts";
import { sha256File } from "../../../files/index.ts";
import { readStateDict } from "../../state-dict.ts";
import { type NamedTensor, readHeader, readSafetensors, writeSafetensors } from "./safetensors.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-safetensors-"));
  path = join(folder, "model.safetensors");
});
afterAll(() => rm(folder, { recursive: true }));

/** The bytes of a file with this header text and so much data. */
function fileOf(header: string, data: Uint8Array | number = 0): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, typeof data === "number" ? Buffer.alloc(data) : data]);
}

/** The message with which a file is refused. */
async function refusalOf(file: string): Promise<string> {
  const error: unknown = await readSafetensors(file).then(
    () => expect.fail("the file was accepted"),
    (reason) => reason,
  );
  return checkedMessage(error, file);
}

/** The message with which a file of these bytes is refused. */
async function refusal(bytes: Uint8Array): Promise<string> {
  await writeFile(path, bytes);
  return refusalOf(path);
}

function checkedMessage(error: unknown, file: string): string {
  expect(error).toBeInstanceOf(UserError);
  const { code, message } = error as UserError;
  expect(code).toBe("E_CHECKPOINT");
  expect(message).toContain(file);
  expect(message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  expect(message.length).toBeLessThan(2000);
  return message;
}

const tensorsArbitrary: fc.Arbitrary<NamedTensor[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom("__proto__", "constructor", "toString", "1", "0", "", '"\\"', "\ud800"),
      ),
      shape: fc.array(fc.nat(3), { maxLength: 4 }),
    })
    .filter(({ name }) => name !== "__metadata__")
    .chain(({ name, shape }) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return fc.float32Array({ minLength: length, maxLength: length }).map((data) => ({ name, shape, data }));
    }),
  { selector: ({ name }) => name, maxLength: 8 },
);

const metadataArbitrary = fc
  .array(fc.tuple(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "2", "10")), fc.string()))
  .map((pairs): Record<string, string> => Object.fromEntries(pairs));

describe("a safetensors file", () => {
  it("gives back the tensors, their order, shapes and metadata; its checksum is the one returned", async () => {
    await fc.assert(
      fc.asyncProperty(tensorsArbitrary, metadataArbitrary, async (tensors, metadata) => {
        const checksum = await writeSafetensors(path, tensors, metadata);
        expect(checksum).toBe(await sha256File(path));
        const content = await readSafetensors(path);
        expect([...content.tensors]).toEqual(tensors.map(({ name, data }) => [name, data]));
        expect([...content.shapes]).toEqual(tensors.map(({ name, shape }) => [name, shape]));
        expect(Object.entries(content.metadata).sort()).toEqual(Object.entries(metadata).sort());
      }),
    );
  });

  it("has these bytes", async () => {
    const tensors = [
      { name: "bias", shape: [1, 2], data: Float32Array.of(1, -2) },
      { name: "a", shape: [], data: Float32Array.of(0.5) },
    ];
    await writeSafetensors(path, tensors, { format: "pt", epoch: "3" });
    const header =
      '{"__metadata__":{"epoch":"3","format":"pt"},"bias":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}     ';
    expect(header.length).toBe(160);
    const expected = Buffer.concat([
      Buffer.from("a000000000000000", "hex"),
      Buffer.from(header),
      Buffer.from("0000803f000000c00000003f", "hex"),
    ]);
    expect((await readFile(path)).equals(expected)).toBe(true);
  });

  it("of integers among floats has these bytes", async () => {
    await writeSafetensors(path, [
      { name: "a", shape: [1], data: Float32Array.of(1) },
      { name: "n", shape: [2], data: BigInt64Array.of(1n, -(2n ** 40n)) },
      { name: "b", shape: [], data: Float32Array.of(-2) },
    ]);
    const header =
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"n":{"dtype":"I64","shape":[2],"data_offsets":[4,20]},' +
      '"b":{"dtype":"F32","shape":[],"data_offsets":[20,24]}}      ';
    expect(header.length).toBe(168);
    const expected = Buffer.concat([
      Buffer.from("a800000000000000", "hex"),
      Buffer.from(header),
      Buffer.from("0000803f" + "0100000000000000" + "0000000000ffffff" + "000000c0", "hex"),
    ]);
    expect((await readFile(path)).equals(expected)).toBe(true);
  });

  it("of any type that is read is read whole on request", async () => {
    const columns: [string, ArrayBuffer, number[]][] = [
      ["I64", BigInt64Array.of(3n, -(2n ** 40n)).buffer, [3, -(2 ** 40)]],
      ["U64", BigUint64Array.of(3n, 2n ** 63n).buffer, [3, 2 ** 63]],
      ["I32", Int32Array.of(70000, -1).buffer, [70000, -1]],
      ["U32", Uint32Array.of(70000, 2 ** 31).buffer, [70000, 2 ** 31]],
      ["I16", Int16Array.of(300, -1).buffer, [300, -1]],
      ["U16", Uint16Array.of(300, 65535).buffer, [300, 65535]],
      ["F16", Uint16Array.of(0x3c00, 0xc000).buffer, [1, -2]],
      ["I8", Int8Array.of(3, -1).buffer, [3, -1]],
      ["U8", Uint8Array.of(3, 255).buffer, [3, 255]],
      ["BOOL", Uint8Array.of(0, 1).buffer, [0, 1]],
    ];
    let end = 0;
    const entries = columns.map(([dtype, { byteLength }]) => {
      end += byteLength;
      return `"${dtype}":{"dtype":"${dtype}","shape":[2],"data_offsets":[${end - byteLength},${end}]}`;
    });
    const data = Buffer.concat(columns.map(([, buffer]) => new Uint8Array(buffer)));
    await writeFile(path, fileOf(`{${entries}}`, data));
    const { tensors, dtypes } = await readStateDict(path);
    expect([...tensors]).toEqual(columns.map(([dtype, , values]) => [dtype, Float32Array.from(values)]));
    expect([...dtypes]).toEqual(columns.map(([dtype]) => [dtype, dtype]));
  });

  it("says what it holds without its values being read", async () => {
    await writeFile(path, fileOf('{"n":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}', 16));
    const { tensors, metadata, bytes } = await readHeader(path);
    expect([...tensors]).toEqual([["n", { dtype: "I64", shape: [2], count: 2, begin: bytes - 16, end: bytes }]]);
    expect(metadata).toEqual({});
  });

  it("of doubles and half floats is read as float32, wherever its bytes lie", async () => {
    const data = Buffer.concat([
      Buffer.from(Uint16Array.of(0x3c00).buffer),
      Buffer.from(Float64Array.of(0.1, -3).buffer),
      Buffer.from(Uint16Array.of(0xc040, 0x3f80).buffer),
    ]);
    const header =
      '{"bf16":{"dtype":"BF16","shape":[2],"data_offsets":[18,22]},"f16":{"dtype":"F16","shape":[1],' +
      '"data_offsets":[0,2]}, "f64" : {"data_offsets":[2,18] ,"dtype":"F64","shape":[ 2 ]}}\n';
    await writeFile(path, fileOf(header, data));
    expect([...(await readSafetensors(path)).tensors]).toEqual([
      ["f16", Float32Array.of(1)],
      ["f64", Float32Array.of(0.1, -3)],
      ["bf16", Float32Array.of(-3, 1)],
    ]);
  });

  it("larger than one piece is written and read whole", async () => {
    const data = Float32Array.from({ length: 2 ** 21 + 3 }, (_, i) => i);
    const checksum = await writeSafetensors(path, [{ name: "big", shape: [data.length], data }]);
    expect(checksum).toBe(await sha256File(path));
    const read = (await readSafetensors(path)).tensors.get("big")!;
    expect(Buffer.from(read.buffer).equals(Buffer.from(data.buffer))).toBe(true);
  });

  it("of doubles larger than one piece is converted whole", async () => {
    const data = Float64Array.from({ length: 2 ** 20 + 3 }, (_, i) => i);
    const header = `{"big":{"dtype":"F64","shape":[${data.length}],"data_offsets":[0,${data.byteLength}]}}`;
    await writeFile(path, fileOf(header, new Uint8Array(data.buffer)));
    const read = (await readSafetensors(path)).tensors.get("big")!;
    expect(Buffer.from(read.buffer).equals(Buffer.from(Float32Array.from(data).buffer))).toBe(true);
  });

  it("may name its tensors in any order, those without values too", async () => {
    const header =
      '{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
      '"empty":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}';
    await writeFile(path, fileOf(header, 8));
    expect([...(await readSafetensors(path)).tensors.keys()]).toEqual(["empty", "a", "b"]);
  });
});

describe("writing", () => {
  it("refuses repeated and reserved names, and data that do not fill their shape", async () => {
    const one = (name: string, ...shape: number[]) => ({ name, shape, data: Float32Array.of(1) });
    const target = join(folder, "refused.safetensors");
    await expect(writeSafetensors(target, [one("a"), one("a")])).rejects.toThrow("name a is taken");
    await expect(writeSafetensors(target, [one("__metadata__")])).rejects.toThrow("taken");
    await expect(writeSafetensors(target, [one("a", 2)])).rejects.toThrow("a has 1 values, not the shape [2]");
    await expect(writeSafetensors(target, [one("a", 0.5, 2)])).rejects.toThrow("impossible shape [0.5,2]");
    expect(await readdir(folder)).not.toContain("refused.safetensors");
  });
});

describe("a file that cannot be trusted", () => {
  const tensor = (name: string, begin: number, end: number, { shape = `[${(end - begin) / 4}]`, dtype = "F32" } = {}) =>
    `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

  it.each([
    ["an empty file", Buffer.alloc(0), "it has 0 bytes, expected at least 8"],
    ["a zip archive", Buffer.from("PK\x03\x04 not a safetensors file"), "bytes, expected at most 25000000"],
    ["a header longer than the file", fileOf("{}").fill(9, 0, 1), "it has 10 bytes, its header alone claims 17"],
    ["an empty header", fileOf(""), "has its end at character 0, expected {"],
    ["a header that is a list", fileOf("[]"), "expected {"],
    ["a header after spaces", fileOf(" {}"), "expected {"],
    ["a byte order mark", fileOf("\ufeff{}"), "expected {"],
    ["a header that goes on", fileOf("{} {}"), "expected nothing more"],
    ["bytes that are not UTF-8", fileOf("{}").fill(0xff, 9), "not UTF-8"],
    ["an open string", fileOf('{"a\\"'), "expected the closing quote"],
    ["a bad escape", fileOf('{"\\x":{}}'), "expected a JSON string"],
    ["a comma too many", fileOf(`{${tensor("a", 0, 4)},}`, 4), 'expected "'],
    ["deep nesting", fileOf(`{"a":${"[".repeat(1e6)}`), "expected {"],
    ["missing fields", fileOf('{"a":{"dtype":"F32","shape":[]}}'), "a needs a dtype, a shape and two data_offsets"],
    ["one offset", fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0]}}'), "two data_offsets"],
    ["three offsets", fileOf('{"a":{"data_offsets":[0,0,0]}}'), "at most 2 numbers"],
    ["an unknown field", fileOf('{"a":{"size":4}}'), "a has the unknown field size"],
    ["a repeated field", fileOf('{"a":{"dtype":"F32","dtype":"F32"}}'), "has dtype twice"],
    ["a repeated tensor", fileOf(`{${tensor("a", 0, 0)},${tensor("\\u0061", 0, 0)}}`), "has a twice"],
    ["repeated metadata", fileOf('{"__metadata__":{"k":"1","k":"2"}}'), "has k twice"],
    ["metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), "has __metadata__ twice"],
    ["metadata that are not text", fileOf('{"__metadata__":{"epoch":3}}'), 'expected "'],
    ["a negative dimension", fileOf(`{${tensor("a", 0, 4, { shape: "[-1]" })}}`, 4), "expected a whole number"],
    ["a fraction", fileOf(`{${tensor("a", 0, 4, { shape: "[1.0]" })}}`, 4), "expected ]"],
    ["a number beyond 2^53", fileOf(`{${tensor("a", 0, 4, { shape: "[9007199254740993]" })}}`), "below 2^53"],
    ["an endless number", fileOf(`{${tensor("a", 0, 4, { shape: `[${"1".repeat(1e6)}]` })}}`), "below 2^53"],
    ["an overflowing shape", fileOf(`{${tensor("a", 0, 4, { shape: "[65536,65536,0]" })}}`), "more than 2^30 elements"],
    ["too many dimensions", fileOf(`{${tensor("a", 0, 4, { shape: `[${"1,".repeat(64)}1]` })}}`), "at most 64 numbers"],
    ["an unknown type", fileOf(`{${tensor("a", 0, 4, { dtype: "F33" })}}`, 4), "a has the unknown type F33"],
    ["a type that is not floating-point", fileOf(`{${tensor("a", 0, 4, { dtype: "I32" })}}`, 4), "a has the type I32"],
    ["offsets that do not fit the shape", fileOf(`{${tensor("a", 0, 4, { shape: "[2]" })}}`, 4), "expected 8 for F32"],
    ["offsets the wrong way round", fileOf(`{${tensor("a", 4, 0, { shape: "[1]" })}}`, 4), "takes -4 bytes"],
    ["an overlap", fileOf(`{${tensor("a", 0, 8)},${tensor("b", 4, 12)}}`, 12), "b starts at byte"],
    ["a hole", fileOf(`{${tensor("a", 0, 4)},${tensor("b", 8, 12)}}`, 12), "a hole"],
    ["missing data", fileOf(`{${tensor("a", 0, 8)}}`, 7), "bytes, expected"],
    ["data that nothing names", fileOf(`{${tensor("a", 0, 8)}}`, 9), "bytes, expected"],
    [
      "a name that would break the line",
      fileOf('{"a\\n\\u2028\\u001b[31m":{"x":1}}'),
      'tensor "a\\n\\u{2028}\\u001b[31m"',
    ],
    ["a very long name", fileOf(`{"${"n".repeat(1e6)}":{"x":1}}`), "n…"],
  ])("is refused: %s", async (_, bytes, problem) => {
    expect(await refusal(bytes)).toContain(problem);
  });

  it("is refused when it is missing or a folder", async () => {
    expect(await refusalOf(join(folder, "none.safetensors"))).toContain("there is no such file");
    expect(await refusalOf(folder)).toContain("not a plain file");
  });

  it.skipIf(process.platform === "win32")("is refused when it is a pipe, instead of waiting for a writer", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(await refusalOf(pipe)).toContain("not a plain file");
  });

  it("is refused at whatever byte it was cut", async () => {
    await writeSafetensors(path, [{ name: "a", shape: [3], data: Float32Array.of(1, 2, 3) }], { format: "pt" });
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) await refusal(whole.subarray(0, length));
  });

  it("is either read or refused, whatever happened to its bytes", async () => {
    await writeSafetensors(
      path,
      [
        { name: "a.weight", shape: [2, 1], data: Float32Array.of(1, 2) },
        { name: "é", shape: [0], data: new Float32Array(0) },
        { name: "a.bias", shape: [1], data: Float32Array.of(3) },
      ],
      { format: "pt" },
    );
    const whole = await readFile(path);
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:\\019 ')));
    const edit = fc.record({
      at: fc.nat(whole.length - 1),
      removed: fc.nat(3),
      inserted: fc.array(byte, { maxLength: 3 }),
    });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.boolean(), async (edits, mendLength) => {
        let bytes: Buffer = whole;
        for (const { at, removed, inserted } of edits)
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at + removed)]);
        // With the length mended, the damage reaches the parser instead of the size checks.
        if (mendLength) bytes = fileOf(bytes.subarray(8, -12).toString("latin1"), bytes.subarray(-12));
        await writeFile(path, bytes);
        await readSafetensors(path).catch((error) => {
          refused++;
          checkedMessage(error, path);
        });
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
