/** Archives for import that would write elsewhere, without end, or nothing. */
import { gzipSync } from "node:zlib";

import { type Content, cutShort, fileInput, type Hostile, packedZeros } from "./hostile.ts";

/** Kinds of entries. */
const [FILE, HARD_LINK, LINK, DEVICE, FOLDER, PIPE] = ["0", "1", "2", "3", "5", "6"];

/** A header of an entry; any size can be claimed. */
function header(name: string, size: number | string, { type = FILE, link = "" } = {}): Buffer {
  const block = Buffer.alloc(512);
  block.write(name.slice(0, 100), 0, "latin1");
  block.write("0000644\x000000000\x000000000\0", 100);
  block.write(typeof size === "string" ? size : `${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  block.write("00000000000\0        ", 136);
  block.write(String(type), 156);
  block.write(link, 157);
  block.write("ustar\0" + "00", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** An entry with its content. */
function entry(name: string, content: Content = "", more: Parameters<typeof header>[2] = {}): Buffer {
  const bytes = Buffer.from(content as string, "latin1");
  return Buffer.concat([header(name, bytes.length, more), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

const end = Buffer.alloc(1024);
const config = entry("run/config.yaml", "name: a\n");
const tar = (...entries: readonly Buffer[]): Buffer => Buffer.concat([config, ...entries, end]);

const archive = (name: string, content: () => Content): Hostile =>
  fileInput("archive", [`archive ${name}`, "a.tar"], content);

/** A header of pax, which changes the next entry. */
const pax = (key: string, value: string): Buffer => {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return entry("pax", `${length}${rest}`, { type: "x" });
};

/** All of them. */
export const archives: readonly Hostile[] = [
  archive("with a file above", () => tar(entry("run/../../evil", "x"))),
  archive("with an absolute file", () => tar(entry("/tmp/evil", "x"))),
  archive("with a backslash", () => tar(entry("run\\..\\evil", "x"))),
  archive("with a drive", () => tar(entry("C:/evil", "x"))),
  archive("with a zero byte", () => tar(entry("run/a", "x"), pax("path", "run/a\0b"), entry("run/b", "x"))),
  archive("with a path of pax that leads out", () => tar(pax("path", "../../evil"), entry("run/a", "x"))),
  archive("with a size of pax beyond all disks", () => tar(pax("size", "9007199254740991"), entry("run/a", "x"))),
  archive("with a negative size of pax", () => tar(pax("size", "-512"), entry("run/a", "x"))),
  archive("with a header of pax of a gigabyte", () =>
    Buffer.concat([header("pax", 2 ** 30, { type: "x" }), Buffer.alloc(10_000)]),
  ),
  archive("with a name of a gigabyte", () =>
    Buffer.concat([header("long", 2 ** 30, { type: "L" }), Buffer.alloc(10_000)]),
  ),
  archive("with a link out", () => tar(entry("run/zoo", "", { type: LINK, link: "/tmp" }), entry("run/zoo/evil", "x"))),
  archive("with a hard link", () => tar(entry("run/a", "", { type: HARD_LINK, link: "/etc/passwd" }))),
  archive("with a device", () => tar(entry("run/a", "", { type: DEVICE }))),
  archive("with a named pipe", () => tar(entry("run/a", "", { type: PIPE }))),
  archive("with an entry of a kind that is none", () => tar(entry("run/a", "x", { type: "Z" }))),
  archive("of a file that is a folder too", () => tar(entry("run/a", "x"), entry("run/a/b", "x"))),
  archive("of the same file twice", () => tar(entry("run/a", "x"), entry("run/a", "y"))),
  archive("of a claimed petabyte", () => Buffer.concat([config, header("run/a", "\x80\0\0\0\0\0\x04\0\0\0\0\0")])),
  archive("of a claimed 8 GB", () => Buffer.concat([config, header("run/a", 8 ** 11 - 1)])),
  archive("of 300 MB of zeros in 300 kB", () =>
    Buffer.concat([gzipSync(Buffer.concat([config, header("run/a", 300_000_000)])), packedZeros(30)]),
  ),
  archive("of 20 000 empty folders", () =>
    gzipSync(
      Buffer.concat([...Array.from({ length: 20_000 }, (_, i) => entry(`run/${i}`, "", { type: FOLDER })), end]),
    ),
  ),
  archive("of folders forty deep", () => tar(entry(`run/${"a/".repeat(40)}b`, "x"))),
  archive("of a size in letters", () => Buffer.concat([config, header("run/a", "zzzzzzzzzzz\0"), end])),
  archive("of a wrong checksum", () => {
    const bytes = tar(entry("run/a", "x"));
    bytes[1024 + 10] = 1;
    return bytes;
  }),
  archive("of no run", () => Buffer.concat([entry("run/a", "x"), end])),
  archive("of nothing", () => end),
  archive("that is a page", () => "<!DOCTYPE html><html></html>"),
  archive("of zeros, packed a thousandfold", () => packedZeros(10)),
  archive("of gzip without content", () => gzipSync("")),
  ...cutShort("archive", "cut.tar", () => tar(entry("run/a", "x".repeat(2000))), [0, 0.3, 0.5]),
  ...cutShort("archive", "cut.tar.gz", () => gzipSync(tar(entry("run/a", "x".repeat(2000)))), [0.2, 0.8, 0.99]),
];
