import { describe, expect, it } from "vitest";

import { exactInteger, pickleReader } from "./pickle-reader.ts";

const rules = {
  fail: (problem: string): never => {
    throw new Error(problem);
  },
  ended: (): never => {
    throw new Error("it ended");
  },
};
const reading = (bytes: readonly number[] | Buffer, start = 0) => pickleReader(Uint8Array.from(bytes), start, rules);

describe("a reader of pickles", () => {
  it("reads little-endian whole numbers, one after another", () => {
    const reader = reading([99, 0xff, 0x34, 0x12, 0xfe, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff], 1);
    expect([reader.uint8(), reader.uint16(), reader.int32(), reader.uint32()]).toEqual([255, 0x1234, -2, 2 ** 32 - 2]);
    expect(reader.position()).toBe(12);
    expect(() => reader.uint8()).toThrow("it ended");
  });

  it("reads big-endian float64", () => {
    expect(reading([0x3f, 0xf8, 0, 0, 0, 0, 0, 0]).float64()).toBe(1.5);
  });

  it("reads integers of any length in two's complement, exactly", () => {
    expect(reading([0xff, 0x7f]).integer(2)).toBe(32767);
    expect(reading([0x00, 0x80]).integer(2)).toBe(-32768);
    expect(reading([]).integer(0)).toBe(0);
    expect(reading([0, 0, 0, 0, 0, 0, 0, 0, 1]).integer(9)).toBe(2n ** 64n);
    expect([exactInteger(2n ** 53n - 1n), exactInteger(2n ** 53n)]).toEqual([2 ** 53 - 1, 2n ** 53n]);
  });

  it("reads texts, bytes and lines, and skips", () => {
    const reader = reading(Buffer.from("éaé\nrest", "utf8"));
    expect(reader.utf8(2)).toBe("é");
    reader.skip(1);
    expect(reader.line()).toBe("Ã©");
    expect(reader.latin1(2)).toBe("re");
    expect(reader.bytes(2)).toEqual(Uint8Array.from(Buffer.from("st")));
  });

  it("refuses texts that are not UTF-8, and lines without an end", () => {
    expect(() => reading([0xff]).utf8(1)).toThrow("its pickle has a text that is not UTF-8");
    expect(() => reading(Array(2000).fill(65)).line()).toThrow("its pickle has an endless line");
    expect(() => reading([65, 66]).line()).toThrow("it ended");
    expect(() => reading([65]).bytes(2)).toThrow("it ended");
  });
});
