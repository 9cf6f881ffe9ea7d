import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { sha256File } from "../../files/index.ts";
import { zipOf } from "./torch/pth.fixture.ts";
import { rewriteZip } from "./zip-rewrite.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

describe("a rewritten zip archive", () => {
  it("changes only the content and the checksums of the replaced entry when entries are stored", async () => {
    const folder = folders.make();
    const [path, to] = [join(folder, "a.zip"), join(folder, "b.zip")];
    const content = Uint8Array.of(9, 8, 7);
    writeFileSync(
      path,
      zipOf([
        ["a", Uint8Array.of(1, 2, 3)],
        ["b", Uint8Array.of(4)],
      ]),
    );
    const checksum = await rewriteZip(path, to, new Map([["a", content]]));
    expect(checksum).toBe(await sha256File(to));
    const [before, after] = [readFileSync(path), readFileSync(to)];
    expect(after.length).toBe(before.length);
    expect(after.includes(Buffer.from(content))).toBe(true);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(content));
    expect(after.readUInt32LE(14)).toBe(sum.readUInt32LE());
    const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
    expect(changed.length).toBeLessThanOrEqual(content.length + 2 * sum.length);
  });

  it("is the same file when nothing is replaced", async () => {
    const folder = folders.make();
    const [path, to] = [join(folder, "a.zip"), join(folder, "b.zip")];
    writeFileSync(path, zipOf([["a", Uint8Array.of(1)]]));
    await rewriteZip(path, to, new Map());
    expect(readFileSync(to)).toEqual(readFileSync(path));
  });
});
