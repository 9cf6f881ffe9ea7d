import { describe, expect, it } from "vitest";

import { zipOf } from "./torch/pth.fixture.ts";
import { openZip } from "./zip.ts";

const refuse = (problem: string): never => {
  throw new Error(problem);
};
const fileOf = (bytes: Uint8Array) => ({
  size: bytes.length,
  read: async (position: number, into: Uint8Array) => into.set(bytes.subarray(position, position + into.length)),
  refuse,
});
const [a, b] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
const bytes = zipOf([
  ["a", a],
  ["folder/b", b],
]);

describe("a zip archive", () => {
  it("lists its entries in their order", async () => {
    expect((await openZip(fileOf(bytes))).names).toEqual(["a", "folder/b"]);
  });

  it("reads a stored entry in place, and takes no memory for it", async () => {
    const archive = await openZip(fileOf(bytes));
    const content = await archive.open("a", () => expect.fail("memory was taken"));
    expect(content?.size).toBe(3);
    expect([...bytes.subarray(content?.position, (content?.position ?? 0) + 3)]).toEqual([...a]);
    const part = new Uint8Array(2);
    await content?.read(1, part);
    expect([...part]).toEqual([2, 3]);
  });

  it("has nothing under the name of no entry", async () => {
    expect(await (await openZip(fileOf(bytes))).open("c", () => {})).toBeUndefined();
  });

  it("knows the positions of an entry's checksums", async () => {
    const record = await (await openZip(fileOf(bytes))).record("folder/b");
    expect(record).toMatchObject({ name: "folder/b", compressed: false, size: 1 });
    expect(record.checksums).toHaveLength(2);
  });

  it.each([
    [
      "has a name twice",
      zipOf([
        ["a", a],
        ["a", b],
      ]),
      "it has the zip entry a twice",
    ],
    ["is cut short", bytes.subarray(0, bytes.length - 5), "its zip directory cannot be read"],
  ])("throws when it %s", async (_, damaged, problem) => {
    await expect(openZip(fileOf(damaged))).rejects.toThrow(problem);
  });
});
