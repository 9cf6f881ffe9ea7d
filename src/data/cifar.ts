/**
 * The binary format of CIFAR: records and nothing else. A record is one or two label bytes and an
 * image of 32 × 32 pixels: the red plane row by row, then the green and the blue one.
 */
import { at } from "../lookup.ts";
import type { LabelledImages } from "./labelled-images.ts";
import { AGAIN, readStored, refuseFile, type StoredFile } from "./stored-file.ts";

/** Height and width of an image, and its channels. */
export const CIFAR_SIDE = 32;
export const CIFAR_CHANNELS = 3;

const PIXELS = CIFAR_CHANNELS * CIFAR_SIDE * CIFAR_SIDE;

/** The layout of the records of a file. */
export interface CifarLayout {
  /** Name and number of values of each label byte. The last byte is the image's class. */
  readonly labels: readonly { readonly what: string; readonly values: number }[];
  /** The number of records of a file; any number above 0 by default. */
  readonly records?: number;
}

/**
 * Reads files, plain or compressed by gzip, as one sequence of images.
 * @returns images `[count, 3, 32, 32]` with the last label of each, and the checksum of every file.
 * @throws UserError `E_DATA` naming the file when it cannot be read, does not hold the expected
 *   whole records, or has a label out of range.
 */
export async function readCifar(
  paths: readonly string[],
  layout: CifarLayout,
): Promise<LabelledImages & { checksums: readonly string[] }> {
  const files: StoredFile[] = [];
  for (const path of paths) {
    const file = await readStored(path);
    check(path, file.bytes, layout);
    files.push(file);
  }
  const head = layout.labels.length;
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / (head + PIXELS), 0);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let i = 0;
  for (const { bytes } of files)
    for (let at = head; at < bytes.length; at += head + PIXELS, i++) {
      labels[i] = bytes[at - 1]!;
      images.set(bytes.subarray(at, at + PIXELS), i * PIXELS);
    }
  const checksums = files.map(({ sha256 }) => sha256);
  return { channels: CIFAR_CHANNELS, height: CIFAR_SIDE, width: CIFAR_SIDE, images, labels, checksums };
}

/** Refuses a file whose length or labels are not those of the layout. */
function check(path: string, bytes: Buffer, { labels, records }: CifarLayout): void {
  const size = labels.length + PIXELS;
  if (records !== undefined && bytes.length !== records * size)
    refuseFile(
      path,
      `holds ${bytes.length} bytes, expected ${records} records of ${size} = ${records * size}; ${AGAIN}`,
    );
  if (bytes.length === 0 || bytes.length % size !== 0)
    refuseFile(path, `holds ${bytes.length} bytes, expected one or more whole records of ${size}; ${AGAIN}`);
  for (let start = 0; start < bytes.length; start += size)
    labels.forEach(({ what, values }, i) => {
      const label = at(bytes, start + i);
      if (label >= values)
        refuseFile(path, `gives image ${start / size} the ${what} ${label}, expected 0 to ${values - 1}; ${AGAIN}`);
    });
}
