import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import fc from "fast-check";
import { type Header, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { safePath, unpackArchive } from "./unpack.ts";

let folder: string;
let archive: string;
let to: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-unpack-"));
  archive = join(folder, "a.tar.gz");
  to = join(folder, "set");
});
afterEach(() => rm(folder, { recursive: true }));

type Entry = [header: Partial<Header> & { name: string }, content?: string | Buffer];

async function tar(...entries: readonly Entry[]): Promise<Buffer> {
  const stream = pack();
  for (const [header, content = ""] of entries) stream.entry(header as Header, content);
  stream.finalize();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
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
