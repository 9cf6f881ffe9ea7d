import { createHash } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { MAX_FILE_BYTES, readStored, refuseFile } from "./stored-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-stored-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What reading these bytes as a file called `name` gives. */
async function read(bytes: Uint8Array, name = "file") {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return readStored(path);
}

const content = Buffer.from("0123456789 and some more");

describe("a stored file", () => {
  it("is read plain or unpacked, whatever its name, with the checksum of the file on disk", async () => {
    for (const [bytes, name] of [
      [content, "a.gz"],
      [gzipSync(content), "a"],
    ] as const)
      expect(await read(bytes, name)).toEqual({
        bytes: content,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      });
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ["gzip cut short", () => gzipSync(content).subarray(0, 20), /file is cut short: its gzip data end too early/],
    [
      "gzip that is corrupt",
      () => gzipSync(content).map((byte, i, { length }) => (i === length - 6 ? byte ^ 1 : byte)),
      /file is not sound gzip \(incorrect data check\)/,
    ],
  ])("is refused when it is %s", async (_, bytes, message) => {
    await expect(read(bytes())).rejects.toMatchObject({
      name: "UserError",
      code: "E_DATA",
      message: expect.stringMatching(message),
    });
  });

  it("is refused before it is read when it is too large", async () => {
    await writeFile(join(folder, "sparse"), content);
    await truncate(join(folder, "sparse"), MAX_FILE_BYTES + 1);
    await expect(readStored(join(folder, "sparse"))).rejects.toThrow(
      /sparse cannot be read: it has 268435457 bytes, at most 268435456/,
    );
  });

  it("is refused when it unpacks to too many bytes", async () => {
    const bomb = gzipSync(new Uint8Array(MAX_FILE_BYTES + 1), { level: 1 });
    await expect(read(bomb, "bomb.gz")).rejects.toThrow(/bomb.gz unpacks to more than 268435456 bytes/);
  });

  it("is refused when it is missing or a folder", async () => {
    await expect(readStored(join(folder, "none"))).rejects.toThrow(/none cannot be read: there is no such file/);
    await expect(readStored(folder)).rejects.toThrow(/it is a folder, not a plain file/);
  });

  it("is named when it is refused", () => {
    expect(() => refuseFile("a/b", "is odd")).toThrow(
      expect.objectContaining({ code: "E_DATA", message: "a/b is odd" }),
    );
  });
});
