import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { canMount, mountMemory } from "../../test/support/mounts.ts";
import {
  appendLine,
  makeFolder,
  readJson,
  remove,
  removeTemporaries,
  sha256File,
  writeAtomic,
  writeJson,
} from "./atomic.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const disk = (...parts: readonly string[]) =>
  expect.objectContaining({ code: "E_DISK", message: expect.stringMatching(new RegExp(parts.join(".*"))) });

describe("a file written atomically", () => {
  it("holds all chunks in order, in folders made for it", async () => {
    const path = join(folder, "a", "b", "file");
    await writeAtomic(path, [Buffer.from("one "), Buffer.from("two")]);
    expect(await readFile(path, "utf8")).toBe("one two");
    expect(await readdir(join(folder, "a", "b"))).toEqual(["file"]);
  });

  it("replaces an existing file", async () => {
    const path = join(folder, "file");
    await writeAtomic(path, "a longer text");
    await writeAtomic(path, "short");
    expect(await readFile(path, "utf8")).toBe("short");
  });

  it("is unchanged and alone in its folder when writing fails half-way", async () => {
    const path = join(folder, "file");
    await writeAtomic(path, "old");
    function* pieces(): Generator<Uint8Array> {
      yield Buffer.from("new");
      throw new Error("no more");
    }
    await expect(writeAtomic(path, pieces())).rejects.toThrow("no more");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("is whole when several writers write at once", async () => {
    const path = join(folder, "file");
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(1000));
    await Promise.all(texts.map((text) => writeAtomic(path, text)));
    expect(texts).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder)).toEqual(["file"]);
  });
});

describe("a failed write names the path, the reason and advice", () => {
  it("when a parent is a file", async () => {
    await writeFile(join(folder, "file"), "");
    const path = join(folder, "file", "below");
    for (const write of [writeAtomic, makeFolder, appendLine])
      await expect(write(path, "")).rejects.toEqual(disk(path, "a file", "folder", "choose another folder"));
  });

  it("when the path is a folder", async () => {
    await mkdir(join(folder, "taken", "inside"), { recursive: true });
    await expect(writeAtomic(join(folder, "taken"), "")).rejects.toEqual(disk("taken", "a folder stands where"));
    expect(await readdir(folder)).toEqual(["taken"]);
  });

  it("when the name is too long", async () => {
    await expect(makeFolder(join(folder, "x".repeat(300)))).rejects.toEqual(disk("name is too long", "shorter"));
  });

  it("when the system gives another reason", async () => {
    await symlink("loop", join(folder, "loop"));
    await expect(makeFolder(join(folder, "loop", "x"))).rejects.toEqual(disk("ELOOP", "choose another"));
  });

  it("when a file stands where a folder is needed", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(makeFolder(join(folder, "file"))).rejects.toEqual(disk("a file stands where a folder is needed"));
  });

  it("when it is a link to nothing, or lies below one", async () => {
    await symlink("nowhere", join(folder, "link"));
    const refused = disk("is a link to nowhere, which does not exist", "remove the link");
    await expect(makeFolder(join(folder, "link"))).rejects.toEqual(refused);
    await expect(makeFolder(join(folder, "link", "below"))).rejects.toEqual(refused);
  });

  it.skipIf(!canMount)("when the disk is full (needs the right to mount)", async () => {
    const { folder: small, release } = mountMemory(65_536);
    try {
      const path = join(small, "file");
      await writeAtomic(path, "finished");
      const large = Buffer.alloc(100_000);
      await expect(writeAtomic(path, large)).rejects.toEqual(disk(path, "disk is full", "free some space"));
      expect(await readdir(small)).toEqual(["file"]);
      expect(await readFile(path, "utf8")).toBe("finished");
      await writeFile(join(small, "rest"), large).catch(() => {});
      await expect(appendLine(join(small, "log"), "line")).rejects.toEqual(disk("log", "disk is full"));
    } finally {
      release();
    }
  });

  it.skipIf(!canMount)("when the file system is read-only (needs the right to mount)", async () => {
    const { folder: frozen, freeze, release } = mountMemory(65_536);
    try {
      await writeFile(join(frozen, "old.tmp"), "");
      freeze();
      const refused = disk("read-only", "choose another folder");
      await expect(writeAtomic(join(frozen, "file"), "")).rejects.toEqual(refused);
      await expect(appendLine(join(frozen, "file"), "")).rejects.toEqual(refused);
      await expect(makeFolder(join(frozen, "folder"))).rejects.toEqual(refused);
      await expect(removeTemporaries(frozen)).rejects.toEqual(disk("cannot remove", "old.tmp", "read-only"));
    } finally {
      release();
    }
  });
});

describe("JSON", () => {
  it("is read as it was written", async () => {
    const path = join(folder, "value.json");
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await writeJson(path, value);
        // -0 is 0 in JSON.
        expect(await readJson(path)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 20 },
    );
  });

  it("is undefined when the file does not exist", async () => {
    expect(await readJson(join(folder, "none.json"))).toBeUndefined();
  });

  it("is refused, naming the file, when it is invalid", async () => {
    const path = join(folder, "bad.json");
    for (const text of ["", "{", '{"a": 1', "\0\0"]) {
      await writeFile(path, text);
      await expect(readJson(path)).rejects.toEqual(
        expect.objectContaining({ code: "E_RUN", message: expect.stringContaining(`${path} is not JSON`) }),
      );
    }
  });

  it("is refused, naming the file, when it cannot be read", async () => {
    await expect(readJson(folder)).rejects.toMatchObject({ code: "E_RUN", message: expect.stringContaining(folder) });
  });
});

describe("cleaning up", () => {
  it("removes temporary files of killed processes, and nothing else", async () => {
    for (const name of ["a.123-1.tmp", "b.json.9-2.tmp", "c.json", "tmp"]) await writeFile(join(folder, name), "");
    await removeTemporaries(folder);
    expect(await readdir(folder)).toEqual(["c.json", "tmp"]);
    await removeTemporaries(join(folder, "none"));
  });

  it("removes whole folders, and ignores paths that do not exist", async () => {
    await mkdir(join(folder, "full", "inside"), { recursive: true });
    await remove(join(folder, "full"));
    await remove(join(folder, "full"));
    expect(await readdir(folder)).toEqual([]);
  });
});

it("sha256File gives the SHA-256 of the file's bytes", async () => {
  const bytes = Buffer.alloc(200_000, "pdiff");
  await writeFile(join(folder, "file"), bytes);
  expect(await sha256File(join(folder, "file"))).toBe(createHash("sha256").update(bytes).digest("hex"));
});
