import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { keepingOpen, openPlain, withPlainFile } from "./plain-file.ts";

const folders = temporaryFolders();
afterAll(folders.remove);
const folder = folders.make();
const path = join(folder, "file");
writeFileSync(path, Uint8Array.of(0, 1, 2, 3, 4, 5));

describe("a plain file", () => {
  it("is read from any position", async () => {
    const bytes = new Uint8Array(3);
    const size = await withPlainFile(path, async (file) => {
      await file.read(2, bytes);
      return file.size;
    });
    expect([size, ...bytes]).toEqual([6, 2, 3, 4]);
  });

  it("throws when a read goes beyond its end", async () => {
    const reading = withPlainFile(path, (file) => file.read(4, new Uint8Array(3)));
    await expect(reading).rejects.toMatchObject({ code: "E_CHECKPOINT", message: expect.stringContaining("byte 6") });
  });

  it("names itself, the problem and the advice when it is refused", async () => {
    const refusing = withPlainFile(path, async ({ refuse }) => refuse("it is odd", "give another"));
    await expect(refusing).rejects.toThrow(`${path}: it is odd; give another`);
  });

  it.each([
    ["is missing", join(folder, "gone"), "there is no such file"],
    ["is a folder", folder, "it is a folder, not a plain file"],
  ])("throws when it %s", async (_, other, problem) => {
    await expect(openPlain(other)).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining(problem),
    });
  });

  it("is closed when its use fails, and stays open when it does not", async () => {
    const opened = await openPlain(path);
    let closed = 0;
    const file = { ...opened, close: async () => void closed++ };
    await expect(keepingOpen(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(closed).toBe(1);
    expect(await keepingOpen(file, async ({ size }) => size)).toBe(6);
    expect(closed).toBe(1);
    await opened.close();
  });
});
