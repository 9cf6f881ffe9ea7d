/** What a hostile input is, and how inputs are made of bytes and of things that are no files. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Which part of the program an input is given to. */
export type Reader = "checkpoint" | "network" | "archive" | "recipe" | "image" | "idx" | "matlab";

/** An input that no user's mistake makes. */
export interface Hostile {
  readonly name: string;
  readonly reader: Reader;
  /** Writes the input into an empty folder, and returns the path that is opened. */
  readonly make: (folder: string) => string | Promise<string>;
}

/** Bytes, or a text in latin1. */
export type Content = Uint8Array | string;

export const bytesOf = (content: Content): Uint8Array =>
  typeof content === "string" ? Buffer.from(content, "latin1") : content;

/**
 * An input of one file.
 * @param file its name.
 * @param content its bytes, made when they are needed.
 */
export const fileInput = (
  reader: Reader,
  [name, file]: readonly [name: string, file: string],
  content: () => Content | Promise<Content>,
): Hostile => ({
  name: `${reader}: ${name}`,
  reader,
  async make(folder) {
    const path = join(folder, file);
    writeFileSync(path, bytesOf(await content()));
    return path;
  },
});

/** An input of several files, of which the first is opened. */
export const filesInput = (
  reader: Reader,
  name: string,
  files: () => Readonly<Record<string, Content>>,
  more: (folder: string) => void = () => {},
): Hostile => ({
  name: `${reader}: ${name}`,
  reader,
  make(folder) {
    const all = Object.entries(files());
    for (const [file, content] of all) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytesOf(content));
    }
    more(folder);
    return join(folder, all[0]?.[0] ?? "");
  },
});

export const namedPipe = (path: string): void => void execFileSync("mkfifo", [path]);
export const linkTo = (target: string, path: string): void => symlinkSync(target, path);

/** Ten megabytes of zeros. */
const ZEROS = new Uint8Array(10_000_000);

/** Zeros, packed by gzip as several members, which is fast to make. */
export const packedZeros = (times: number): Buffer => {
  const member = gzipSync(ZEROS, { level: 1 });
  return Buffer.concat(Array<Buffer>(times).fill(member));
};

/** The same file cut short at several places. */
export const cutShort = (
  reader: Reader,
  file: string,
  content: () => Content | Promise<Content>,
  shares: readonly number[],
): Hostile[] =>
  shares.map((share) =>
    fileInput(reader, [`${file} of which ${share} is left`, file], async () => {
      const bytes = bytesOf(await content());
      return bytes.subarray(0, Math.floor(share * bytes.length));
    }),
  );
