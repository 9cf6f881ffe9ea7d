import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import fc from "fast-check";
import { type Header, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { safePath, unpackArchive } from "./unpack.ts";

const disk = vi.hoisted(() => ({
  free: undefined as number | undefined,
  onSync: (_path: string): void => {},
}));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    statfs: async (path: string) => {
      const status = await real.statfs(path);
      return disk.free === undefined ? status : { ...status, bavail: disk.free, bsize: 1 };
    },
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const sync = handle.sync.bind(handle);
      handle.sync = () => {
        disk.onSync(String(args[0]));
        return sync();
      };
      return handle;
    },
  };
});

let folder: string;
let archive: string;
let to: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-unpack-"));
  archive = join(folder, "a.tar.gz");
  to = join(folder, "set");
});
afterEach(async () => {
  disk.free = undefined;
  disk.onSync = () => {};
  await rm(folder, { recursive: true });
});

type Entry = [header: Partial<Header> & { name: string }, content?: string | Buffer];

async function tar(...entries: readonly Entry[]): Promise<Buffer> {
  const stream = pack();
  for (const [header, content = ""] of entries) stream.entry(header as Header, content);
  stream.finalize();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The header of a file that claims to have `size` bytes, and nothing behind it. */
async function claim(size: number): Promise<Buffer> {
  const header = (await tar([{ name: "set/file" }, "x"])).subarray(0, 512);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

const unpack = (mostBytes = 10_000, strip = 1) => unpackArchive(archive, to, { strip, mostBytes });
const refused = async (message: RegExp) => {
  await expect(unpack()).rejects.toMatchObject({ code: "E_DATA", message: expect.stringMatching(message) });
  expect(existsSync(to)).toBe(false);
  expect(readdirSync(folder)).toEqual(["a.tar.gz"]);
};

describe("unpackArchive", () => {
  it("makes the files and folders of an archive without the dropped leading folder", async () => {
    const entries: Entry[] = [
      [{ name: "set/", type: "directory" }],
      [{ name: "set/a.txt" }, "one"],
      [{ name: "./set/deep/b.bin" }, Buffer.from([1, 2])],
      [{ name: "set/empty/", type: "directory" }],
    ];
    writeFileSync(archive, gzipSync(await tar(...entries)));
    expect(await unpack()).toEqual({ files: 2, bytes: 5 });
    expect(readdirSync(to, { recursive: true }).sort()).toEqual(["a.txt", "deep", join("deep", "b.bin"), "empty"]);
    expect(readFileSync(join(to, "a.txt"), "utf8")).toBe("one");
  });

  it.each<[string, Entry]>([
    ["climbs out of the folder", [{ name: "set/../../evil" }, "x"]],
    ["has an absolute name", [{ name: "/etc/evil" }, "x"]],
    ["is a link to elsewhere", [{ name: "set/link", type: "symlink", linkname: "/etc" }]],
    ["is a hard link", [{ name: "set/hard", type: "link", linkname: "../a" }]],
    ["is a device", [{ name: "set/dev", type: "character-device" }]],
    ["has a backslash", [{ name: "set\\..\\..\\evil" }, "x"]],
  ])("refuses an archive with an entry that %s, and keeps nothing", async (_, entry) => {
    writeFileSync(archive, gzipSync(await tar([{ name: "set/fine" }, "fine"], entry)));
    await refused(/a\.tar\.gz has .*, which (would be written outside|is a)/);
  });

  it("stops as soon as an archive unpacks to too many bytes", async () => {
    writeFileSync(archive, gzipSync(await tar([{ name: "set/zeros" }, Buffer.alloc(5_000_000)])));
    await refused(/unpacks to more than 10000 bytes/);
  });

  it("refuses an archive that unpacks to far more than its size, before it writes that", async () => {
    writeFileSync(archive, gzipSync(await claim(2 ** 27)));
    await expect(unpack(2 ** 40)).rejects.toMatchObject({
      code: "E_DATA",
      message: expect.stringMatching(/of \d+ bytes unpacks to more than 67108864 bytes; nothing of it was kept$/),
    });
    expect(readdirSync(folder)).toEqual(["a.tar.gz"]);
  });

  it("refuses an archive that the disk has no room for, before it writes that", async () => {
    writeFileSync(archive, await claim(2 ** 25));
    disk.free = 2 ** 24;
    await expect(unpack(2 ** 40)).rejects.toMatchObject({
      code: "E_DISK",
      message: expect.stringMatching(/unpacks to 33554432 bytes or more, and the disk has 16777216 free; make room/),
    });
    expect(readdirSync(folder)).toEqual(["a.tar.gz"]);
  });

  it("refuses an archive of far more files or folders than bytes, or of deep ones", async () => {
    const files = Array.from({ length: 10_001 }, (_, i): Entry => [{ name: `set/${i}` }]);
    writeFileSync(archive, gzipSync(await tar(...files)));
    await refused(/has more than 10000 entries/);
    writeFileSync(archive, gzipSync(await tar([{ name: `set/${"a/".repeat(40)}b` }, "x"])));
    await refused(/more than 32 folders deep/);
  });

  it("flushes every file and every folder when asked to", async () => {
    writeFileSync(archive, await tar([{ name: "set/a.txt" }, "one"], [{ name: "set/deep/b" }, "two"]));
    const flushed: string[] = [];
    disk.onSync = (path) => void flushed.push(path);
    await unpackArchive(archive, to, { strip: 1, mostBytes: 10_000, sync: true });
    expect(flushed.sort()).toEqual([to, join(to, "a.txt"), join(to, "deep"), join(to, "deep", "b")]);
  });

  it("refuses an archive that is cut short, invalid or empty", async () => {
    const whole = gzipSync(await tar([{ name: "set/a" }, Buffer.from(Array.from({ length: 5000 }, (_, i) => i * 7))]));
    for (const length of [10, 100, whole.length - 9]) {
      writeFileSync(archive, whole.subarray(0, length));
      await refused(/is damaged or cut short/);
    }
    writeFileSync(archive, "<html>");
    await refused(/is damaged/);
    writeFileSync(archive, gzipSync(await tar([{ name: "set/", type: "directory" }])));
    await refused(/holds no file/);
  });
});

it("refuses names that leave the folder", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("..", ".", "", "a", "/", "\\", "C:", "b c", "\0"), { maxLength: 8 }),
      (parts) => {
        for (const name of [parts.join("/"), parts.join("")]) {
          const path = safePath(name, 1);
          if (path === undefined) continue;
          expect(path.split("/")).not.toContain("..");
          expect(path.startsWith("/")).toBe(false);
        }
      },
    ),
  );
});
