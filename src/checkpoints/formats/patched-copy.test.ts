import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { type Patch, patchedCopy } from "./patched-copy.ts";
import { writePieces } from "./pieces.ts";
import { withPlainFile } from "./plain-file.ts";

const folders = temporaryFolders();
afterAll(folders.remove);
const folder = folders.make();
const [path, to] = [join(folder, "file"), join(folder, "copy")];
writeFileSync(
  path,
  Uint8Array.from({ length: 10 }, (_, i) => i),
);
const copy = (...patches: Patch[]) => withPlainFile(path, async (file) => writePieces(to, patchedCopy(file, patches)));
const patch = (position: number, ...bytes: number[]): Patch => ({ position, bytes: Uint8Array.from(bytes) });

describe("a copy with patches", () => {
  it("has other bytes only where patches are, in any order", async () => {
    const checksum = await copy(patch(7, 70, 80), patch(0, 100), patch(9, 90));
    const bytes = readFileSync(to);
    expect([...bytes]).toEqual([100, 1, 2, 3, 4, 5, 6, 70, 80, 90]);
    expect(checksum).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("is the same file when there are no patches", async () => {
    await copy();
    expect(readFileSync(to)).toEqual(readFileSync(path));
  });

  it.each([
    ["overlap", [patch(2, 0, 0), patch(3, 0)]],
    ["lie outside", [patch(9, 0, 0)]],
  ])("throws when patches %s", async (_, patches) => {
    await expect(copy(...patches)).rejects.toThrow(RangeError);
  });
});
