/**
 * Decodes files once: all images of a list as raw planes in one file of the cache, with an index of
 * their sizes. The file's name is a hash of its sources, and its bytes follow from them. So it can
 * be made again, resumed, or made by two processes at once, with the same result.
 */

import { createHash } from "node:crypto";
import { open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Interrupted, UserError } from "../../errors.ts";
import { appendLine, makeFolder, readJson, readProblem, readRegular, remove, writeJson } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { machineCores } from "../../runtime-node/index.ts";
import type { Unreadable } from "../data-set.ts";
import { MAX_FILE_BYTES } from "../stored-file.ts";
import { decodeImage } from "./decode.ts";
import type { ImageFiles, Labels, PackedImages, RawImage } from "./raw-image.ts";
import { resizedTo } from "./transforms.ts";

/** Options of `packImages`. */
export interface PackOptions {
  readonly images: ImageFiles;
  /** The folder of the cache. */
  readonly cache: string;
  /** The longest shorter side of an image; larger images are resized. Unlimited by default. */
  readonly side?: number;
  /** What to do with files that cannot be decoded. */
  readonly corrupt: "fail" | "skip";
  readonly onProgress?: (done: number, total: number) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** Decoded images with their labels, without those skipped. */
export interface Packed {
  readonly pixels: PackedImages;
  readonly labels: Labels;
  readonly skipped: readonly Unreadable[];
}

/** Changes when the same files decode to other bytes. */
const VERSION = 1;
const CHANNELS = 3;
/** Images between two notes of progress, which is what a kill can lose. */
const BLOCK = 256;
/** Images decoded at a time, for each core. */
const PER_CORE = 2;
/** Corrupt files named in an error. */
const MAX_NAMED = 5;

const unreadable = z.object({ index: z.int(), file: z.string(), problem: z.string() });
const size = z.array(z.int().min(0));
/** Sizes of some images; height and width are 0 for a skipped one. */
const sizes = z.object({ heights: size, widths: size, skipped: z.array(unreadable) });
type Sizes = z.output<typeof sizes>;
const blockSchema = sizes.extend({ first: z.int() });

/**
 * Decodes files, or finds them decoded in the cache.
 * @returns the images in the order of the list, without those that cannot be decoded.
 * @throws UserError `E_DATA` when a file is missing, when one cannot be decoded and `corrupt` is
 *   `fail`, or when a class has no image left; `E_DISK` when the disk is full.
 * @throws Interrupted when the signal aborts; decoded images are kept.
 */
export async function packImages(options: PackOptions): Promise<Packed> {
  const { images, cache, corrupt, side } = options;
  await makeFolder(cache);
  const name = await nameOf(images, side);
  const file = join(cache, `${name}.pack`);
  const index = join(cache, `${name}.json`);
  const known = sizes.safeParse(await readJson(index).catch(() => undefined));
  const whole = known.success && (await isWhole(file, known.data));
  const found = whole ? known.data : await decodeAll(options, file);
  if (!whole) await writeJson(index, found);
  if (corrupt === "fail") refuseCorrupt(found.skipped, images);
  return packed(images, file, found);
}

/** The name of the decoded file: a hash of paths, sizes and times of its sources. */
async function nameOf({ folder, files }: ImageFiles, side: number | undefined): Promise<string> {
  const hash = createHash("sha256").update(`${VERSION} ${side ?? "any"}\n`);
  for (let i = 0; i < files.length; i += BLOCK) {
    const block = files.slice(i, i + BLOCK);
    const facts = await Promise.all(block.map((file) => stat(join(folder, file)).catch(() => missing(folder, file))));
    for (const [k, { size, mtimeMs }] of facts.entries()) hash.update(`${folder}/${block[k]}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}

function missing(folder: string, file: string): never {
  throw new UserError(
    "E_DATA",
    `${join(folder, file)} is missing, though the set lists it; unpack the archive again, or get it again`,
  );
}

const bytesOf = ({ heights, widths }: Pick<Sizes, "heights" | "widths">): number =>
  heights.reduce((sum, height, i) => sum + CHANNELS * height * at(widths, i), 0);

async function isWhole(file: string, found: Sizes): Promise<boolean> {
  const length = await stat(file).then(
    (status) => status.size,
    () => -1,
  );
  return length === bytesOf(found);
}

/** Decodes the images that are not decoded yet, and renames the file when all are. */
async function decodeAll({ images, side, onProgress, signal }: PackOptions, file: string): Promise<Sizes> {
  const part = `${file}.part`;
  const notes = `${file}.notes`;
  const done = await readNotes(notes, images.files.length);
  let offset = bytesOf(done);
  const handle = await open(part, "a+").then(async (made) => {
    await made.close();
    return open(part, "r+");
  });
  try {
    if ((await handle.stat()).size < offset) {
      // The file is shorter than its notes: somebody removed it.
      [done.heights, done.widths, done.skipped] = [[], [], []];
      offset = 0;
    }
    while (done.heights.length < images.files.length) {
      const first = done.heights.length;
      const block: Sizes = { heights: [], widths: [], skipped: [] };
      const end = Math.min(first + BLOCK, images.files.length);
      const step = PER_CORE * machineCores();
      for (let i = first; i < end; i += step) {
        if (signal?.aborted) throw new Interrupted(`stopped after decoding ${first} of ${images.files.length} images`);
        const some = images.files.slice(i, Math.min(i + step, end));
        const decoded = await Promise.all(some.map((name) => decodeFile(images.folder, name, side)));
        for (const [k, image] of decoded.entries()) {
          if ("problem" in image) block.skipped.push({ index: i + k, file: at(some, k), problem: image.problem });
          else {
            await writeAll(handle, image.pixels, offset);
            offset += image.pixels.length;
          }
          block.heights.push("problem" in image ? 0 : image.height);
          block.widths.push("problem" in image ? 0 : image.width);
        }
        await onProgress?.(i + some.length, images.files.length);
      }
      await appendLine(notes, JSON.stringify({ first, ...block }));
      done.heights.push(...block.heights);
      done.widths.push(...block.widths);
      done.skipped.push(...block.skipped);
    }
    await handle.truncate(offset);
    await handle.sync();
  } catch (error) {
    throw diskProblem(error, file);
  } finally {
    await handle.close();
  }
  // Another process may have made the file first.
  await rename(part, file).catch(async (error) => {
    if (!(await isWhole(file, done))) throw error;
  });
  await remove(notes);
  return done;
}

/** Writes all bytes at a position of a file. */
async function writeAll(handle: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

function diskProblem(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new UserError(
    "E_DISK",
    `the disk is full: decoded images are kept in ${file}; make room, set PDIFF_CACHE to a folder on another disk, keep smaller images (data.store=256) or use fewer (data.train)`,
    { cause: error },
  );
}

/** The progress that an interrupted process noted, up to the first gap. */
async function readNotes(notes: string, count: number): Promise<Sizes> {
  const done: Sizes = { heights: [], widths: [], skipped: [] };
  const text = await readFile(notes, "utf8").catch(() => "");
  for (const line of text.split("\n")) {
    const block = blockSchema.safeParse(parsed(line));
    if (!block.success || block.data.first !== done.heights.length) continue;
    if (done.heights.length + block.data.heights.length > count) break;
    done.heights.push(...block.data.heights);
    done.widths.push(...block.data.widths);
    done.skipped.push(...block.data.skipped);
  }
  return done;
}

/** A line of JSON; undefined when a kill cut it short. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The decoded image of a file, resized to the limit, or the problem with it. */
async function decodeFile(
  folder: string,
  file: string,
  side: number | undefined,
): Promise<RawImage | { problem: string }> {
  try {
    const image = await decodeImage(await readRegular(join(folder, file), MAX_FILE_BYTES), "");
    return side !== undefined && Math.min(image.height, image.width) > side ? resizedTo(image, side) : image;
  } catch (error) {
    if (error instanceof UserError) return { problem: error.message.trim() };
    const unreadable = readProblem(error);
    // Without a free place for it, no file can be opened.
    if (unreadable === undefined || unreadable.advice !== undefined) throw error;
    return { problem: `cannot be read: ${unreadable.problem}` };
  }
}

function refuseCorrupt(skipped: Sizes["skipped"], { folder, files }: ImageFiles): void {
  if (skipped.length === 0) return;
  const named = skipped.slice(0, MAX_NAMED).map(({ file, problem }) => `${join(folder, file)} ${problem}`);
  const rest = skipped.length - named.length;
  throw new UserError(
    "E_DATA",
    `${skipped.length} of ${files.length} images cannot be used: ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}; mend or remove them, or leave them out with data.corrupt=skip`,
  );
}

function packed({ files, labels }: ImageFiles, file: string, { heights, widths, skipped }: Sizes): Packed {
  const lost = new Set(skipped.map(({ index }) => index));
  const kept = Int32Array.from([...files.keys()].filter((i) => !lost.has(i)));
  const left = Uint16Array.from(kept, (i) => at(labels, i));
  const classes = new Set(left);
  const empty = skipped.find(({ index }) => !classes.has(at(labels, index)));
  if (empty !== undefined)
    throw new UserError(
      "E_DATA",
      `no image of class ${labels[empty.index]} can be decoded (${empty.file} ${empty.problem}, for one); mend its files`,
    );
  const offsets = new Float64Array(kept.length);
  let offset = 0;
  for (const [k, i] of kept.entries()) {
    offsets[k] = offset;
    offset += CHANNELS * at(heights, i) * at(widths, i);
  }
  return {
    pixels: {
      type: "pack",
      file,
      channels: CHANNELS,
      offsets,
      heights: Uint32Array.from(kept, (i) => at(heights, i)),
      widths: Uint32Array.from(kept, (i) => at(widths, i)),
    },
    labels: left,
    skipped: skipped.map(({ file: name, problem }) => ({ file: name, problem })),
  };
}
