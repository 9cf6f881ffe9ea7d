/**
 * Reads single entries of zip archives, stored or deflated, zip64 or not, and compares them with
 * their checksums. The directory is read by yauzl through our own reader, because yauzl's passes
 * positions from the file to Node unchecked, and a hostile file would crash the process.
 */
import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";

import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from "yauzl";

import { UserError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { PlainFile, ReadBytes } from "./plain-file.ts";
import { type ChecksummedEntry, checkedReader, requireChecksum } from "./zip-checksum.ts";

/** Entries, at most. A checkpoint has one for each storage, and a few more. */
const MAX_ENTRIES = 2 ** 16;

const inflate = promisify(inflateRaw);

/**
 * Sizes and offsets of the format (PKWARE's APPNOTE, section 4.3): length of a directory record,
 * and where the checksums are in it and in the local header.
 */
const DIRECTORY_RECORD = 46;
const DIRECTORY_CHECKSUM = 16;
const LOCAL_CHECKSUM = 14;

/** The flag of entries with a checksum behind them, and the signature that may precede it. */
const STREAMED = 0x08;
const DESCRIPTOR = Buffer.from("PK\x07\x08");

/** An entry's content. */
export interface ZipContent {
  /** Uncompressed size in bytes. */
  readonly size: number;
  /** The first read compares the whole entry with its checksum. */
  readonly read: ReadBytes;
  /** Reads without that, for a header of values that are read later. */
  readonly peek: ReadBytes;
  /** Position in the file; undefined where it is compressed. */
  readonly position: number | undefined;
}

/** What rewriting an archive needs to know of an entry. */
export interface ZipRecord {
  readonly name: string;
  readonly compressed: boolean;
  readonly size: number;
  readonly modified: Date;
  /** Positions of its checksums in the file. */
  readonly checksums: readonly number[];
}

/** An archive whose directory has been read. */
export interface ZipArchive {
  readonly names: readonly string[];
  /**
   * Opens an entry; undefined if there is none of that name.
   * @param spend called with the memory that an entry takes, before it is uncompressed.
   */
  readonly open: (name: string, spend: (bytes: number) => void) => Promise<ZipContent | undefined>;
  /** What the archive says about an entry. */
  readonly record: (name: string) => Promise<ZipRecord>;
}

/** What the functions below read an archive with. */
interface Archive {
  readonly file: PlainFile;
  readonly zip: ZipFile;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Readers of stored entries so far; each checks its entry once. */
  readonly readers: Map<string, ReadBytes>;
  /** Refuses the file; the problem is a clause. */
  readonly fail: Fail;
  /** Turns an error of yauzl into a refusal; errors of the file's reader stay as they are. */
  readonly damaged: (error: unknown) => never;
}

type Fail = (problem: string) => never;
type ZipFile = Awaited<ReturnType<typeof fromRandomAccessReaderPromise>>;

/** Bytes that are read ahead, as a directory is read in pieces of a few dozen. */
const WINDOW_BYTES = 2 ** 16;

/** Reads for yauzl, within the file. */
class FileReader extends RandomAccessReader {
  readonly #file: PlainFile;
  #window = { start: 0, bytes: new Uint8Array() };

  constructor(file: PlainFile) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#read(position, buffer.subarray(offset, offset + length)).then(() => callback(null), callback);
  }

  async #read(position: number, into: Uint8Array): Promise<void> {
    const { size, read } = this.#file;
    if (position + into.length > size) throw new Error("unexpected end");
    if (into.length > WINDOW_BYTES) return read(position, into);
    const { start, bytes } = this.#window;
    if (position < start || position + into.length > start + bytes.length) {
      const ahead = new Uint8Array(Math.min(WINDOW_BYTES, size - position));
      await read(position, ahead);
      this.#window = { start: position, bytes: ahead };
    }
    const from = position - this.#window.start;
    into.set(this.#window.bytes.subarray(from, from + into.length));
  }
}

/**
 * Reads the directory of an archive.
 * @throws UserError `E_CHECKPOINT` when it is damaged.
 */
export async function openZip(file: PlainFile): Promise<ZipArchive> {
  const fail = (problem: string): never =>
    file.refuse(problem, "copy the file again; it is damaged or only a part of it");
  const damaged = (error: unknown): never => {
    if (error instanceof UserError) throw error;
    return fail(`its zip directory cannot be read (${show((error as Error).message)})`);
  };
  const options = { autoClose: false };
  const zip = await fromRandomAccessReaderPromise(new FileReader(file), file.size, options).catch(damaged);
  if (zip.entryCount > MAX_ENTRIES) fail(`it has ${zip.entryCount} zip entries, expected at most ${MAX_ENTRIES}`);
  const entries = await readEntries(zip, fail).catch(damaged);
  const archive: Archive = { file, zip, entries, readers: new Map(), fail, damaged };
  const records = recordPositions(archive);
  const inflated = new Map<string, Buffer>();
  return {
    names: [...entries.keys()],
    open: (name, spend) => openEntry(archive, inflated, name, spend),
    record: (name) => readRecord(archive, records, name),
  };
}

async function readEntries(zip: ZipFile, fail: Fail): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (found.has(entry.fileName)) fail(`it has the zip entry ${show(entry.fileName)} twice`);
    found.set(entry.fileName, entry);
  }
  return found;
}

/**
 * Where the record of each entry in the directory begins. The records lie one after another, and
 * the position of yauzl is behind the last one.
 */
function recordPositions({ zip, entries }: Archive): Map<string, number> {
  const lengths = [...entries].map(
    ([name, entry]) =>
      [name, DIRECTORY_RECORD + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength] as const,
  );
  // Its declared type is wrong: it is a position.
  let at = Number(zip.readEntryCursor) - lengths.reduce((sum, [, length]) => sum + length, 0);
  return new Map(
    lengths.map(([name, length]) => {
      const start = at;
      at += length;
      return [name, start];
    }),
  );
}

/** Where the content of an entry begins in the file. */
async function contentStart({ zip, damaged }: Archive, entry: Entry): Promise<number> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true }).catch(damaged);
  return fileDataStart;
}

/**
 * @param inflated contents of deflated entries so far, kept because a storage may be read many
 * times.
 */
async function openEntry(
  archive: Archive,
  inflated: Map<string, Buffer>,
  name: string,
  spend: (bytes: number) => void,
): Promise<ZipContent | undefined> {
  const { file, entries, readers, fail } = archive;
  const entry = entries.get(name);
  if (entry === undefined) return undefined;
  if (!entry.canDecodeFileData())
    fail(`its zip entry ${show(name)} is encrypted or compressed in another way than deflate`);
  const start = await contentStart(archive, entry);
  if (start + entry.compressedSize > file.size)
    fail(`its zip entry ${show(name)} ends after byte ${start + entry.compressedSize}, the file at ${file.size}`);
  if (!entry.isCompressed()) {
    const peek: ReadBytes = (position, into) => file.read(start + position, into);
    const read = readers.get(name) ?? checkedReader(checksummed(archive, entry), peek);
    readers.set(name, read);
    return { size: entry.uncompressedSize, read, peek, position: start };
  }
  const bytes = inflated.get(name) ?? (await inflateEntry(archive, entry, start, spend));
  inflated.set(name, bytes);
  const read: ReadBytes = async (position, into) => into.set(bytes.subarray(position, position + into.length));
  return { size: bytes.length, read, peek: read, position: undefined };
}

const checksummed = ({ fail }: Archive, entry: Entry): ChecksummedEntry => ({
  name: entry.fileName,
  size: entry.uncompressedSize,
  checksum: entry.crc32 >>> 0,
  fail,
});

async function inflateEntry(
  archive: Archive,
  entry: Entry,
  start: number,
  spend: (bytes: number) => void,
): Promise<Buffer> {
  const { file, fail, damaged } = archive;
  spend(entry.uncompressedSize);
  const compressed = new Uint8Array(entry.compressedSize);
  await file.read(start, compressed);
  const bytes = await inflate(compressed, { maxOutputLength: Math.max(1, entry.uncompressedSize) }).catch(damaged);
  if (bytes.length !== entry.uncompressedSize)
    fail(`its zip entry ${show(entry.fileName)} has ${bytes.length} bytes, expected ${entry.uncompressedSize}`);
  requireChecksum(checksummed(archive, entry), crc32(bytes));
  return bytes;
}

async function readRecord(archive: Archive, records: ReadonlyMap<string, number>, name: string): Promise<ZipRecord> {
  const [entry, position] = [archive.entries.get(name), records.get(name)];
  if (entry === undefined || position === undefined) throw new RangeError(`there is no zip entry ${show(name)}`);
  const streamed = (entry.generalPurposeBitFlag & STREAMED) !== 0;
  const behind = (await contentStart(archive, entry)) + entry.compressedSize;
  const signature = new Uint8Array(4);
  if (streamed) await archive.file.read(behind, signature);
  return {
    name,
    compressed: entry.isCompressed(),
    size: entry.uncompressedSize,
    modified: entry.getLastModDate(),
    checksums: [
      position + DIRECTORY_CHECKSUM,
      streamed
        ? behind + (Buffer.from(signature).equals(DESCRIPTOR) ? signature.length : 0)
        : entry.relativeOffsetOfLocalHeader + LOCAL_CHECKSUM,
    ],
  };
}
