import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { joinPieces, writePieces } from "./pieces.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** The bytes 1 to 4, in two pieces of one buffer. */
async function* pieces(): AsyncGenerator<Uint8Array> {
  const scratch = new Uint8Array(2);
  for (const bytes of [
    [1, 2],
    [3, 4],
  ]) {
    scratch.set(bytes);
    yield scratch;
  }
}

describe("pieces of a file", () => {
  it("are written in their order, and give the checksum of the file", async () => {
    const path = join(folders.make(), "file");
    const checksum = await writePieces(path, pieces());
    expect([...readFileSync(path)]).toEqual([1, 2, 3, 4]);
    expect(checksum).toBe(
      createHash("sha256")
        .update(Uint8Array.of(1, 2, 3, 4))
        .digest("hex"),
    );
  });

  it("are joined in memory when their buffer is used again", async () => {
    expect([...(await joinPieces(pieces()))]).toEqual([1, 2, 3, 4]);
  });
});
