import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { sha256File } from "../../files/index.ts";
import { writePieces } from "./pieces.ts";
import { withPlainFile } from "./plain-file.ts";
import { zipOf } from "./torch/pth.fixture.ts";
import { openZip } from "./zip.ts";
import { rewrittenZip } from "./zip-rewrite.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const copy = (path: string, to: string, replaced: ReadonlyMap<string, Uint8Array>) =>
  withPlainFile(path, async (file) => writePieces(to, await rewrittenZip(file, replaced)));

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
    const checksum = await copy(path, to, new Map([["a", content]]));
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

  it("is written again when a content has another length", async () => {
    const folder = folders.make();
    const [path, to] = [join(folder, "a.zip"), join(folder, "b.zip")];
    const other = Uint8Array.of(4);
    writeFileSync(
      path,
      zipOf([
        ["a", Uint8Array.of(1, 2, 3)],
        ["b", other],
      ]),
    );
    const content = Uint8Array.of(9, 8, 7, 6, 5);
    await copy(path, to, new Map([["a", content]]));
    await withPlainFile(to, async (file) => {
      const { names, open, record } = await openZip(file);
      expect(names).toEqual(["a", "b"]);
      for (const [name, expected] of [
        ["a", content],
        ["b", other],
      ] as const) {
        expect((await record(name)).compressed).toBe(false);
        const bytes = new Uint8Array(expected.length);
        await (await open(name, () => {}))?.read(0, bytes);
        expect(bytes).toEqual(expected);
      }
    });
  });

  it("is the same file when nothing is replaced", async () => {
    const folder = folders.make();
    const [path, to] = [join(folder, "a.zip"), join(folder, "b.zip")];
    writeFileSync(path, zipOf([["a", Uint8Array.of(1)]]));
    await copy(path, to, new Map());
    expect(readFileSync(to)).toEqual(readFileSync(path));
  });
});
