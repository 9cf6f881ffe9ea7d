import { describe, expect, it } from "vitest";

import { field, varint } from "./onnx.fixture.ts";
import { type Field, messageReader, packedVarints } from "./onnx-wire.ts";

const fail = (problem: string): never => {
  throw new Error(problem);
};

function fileOf(bytes: Uint8Array) {
  return {
    size: bytes.length,
    read: async (position: number, into: Uint8Array) => into.set(bytes.subarray(position, position + into.length)),
    refuse: fail,
  };
}

async function fieldsIn(bytes: Uint8Array): Promise<Field[]> {
  const fields: Field[] = [];
  const { fieldsOf } = messageReader(fileOf(bytes), fail);
  for await (const each of fieldsOf({ position: 0, length: bytes.length })) fields.push(each);
  return fields;
}

describe("the fields of a message", () => {
  it("are numbers, bytes and fixed numbers with their positions", async () => {
    const bytes = Buffer.concat([field(1, 300), field(2, "abc"), Buffer.from([(3 << 3) | 5, 0, 0, 0, 0])]);
    expect(await fieldsIn(bytes)).toEqual([
      { number: 1, kind: "varint", value: 300n },
      { number: 2, kind: "bytes", position: 5, length: 3 },
      { number: 3, kind: "fixed", position: 9, length: 4 },
    ]);
  });

  it("are found behind contents that are longer than what is read at once", async () => {
    const bytes = Buffer.concat([field(1, new Uint8Array(200_000)), field(2, 7)]);
    expect((await fieldsIn(bytes)).at(-1)).toEqual({ number: 2, kind: "varint", value: 7n });
  });

  it("throws when a field is longer than its message", async () => {
    await expect(fieldsIn(Buffer.from([0x0a, 5, 0]))).rejects.toThrow("a field of 5 bytes where 1 are left");
  });
});

describe("a packed field", () => {
  const unpacked = async (bytes: Uint8Array) => {
    const found: bigint[] = [];
    const range = { position: 0, length: bytes.length };
    for await (const numbers of packedVarints(fileOf(bytes).read, range, fail)) found.push(...numbers);
    return found;
  };

  it("has its numbers in order, negative ones as 64 bits", async () => {
    const bytes = Buffer.concat([varint(1), varint(300), varint(-1n)]);
    expect(await unpacked(bytes)).toEqual([1n, 300n, 2n ** 64n - 1n]);
  });

  it("throws when its last number does not end", async () => {
    await expect(unpacked(Buffer.from([1, 0x80]))).rejects.toThrow("a number that does not end");
  });
});
