/** Reads stored images one by one, from memory or from a file of decoded images. */

import { closeSync, openSync, readSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { at } from "../../lookup.ts";
import type { ImagesInMemory, PackedImages, Pixels, RawImage } from "./raw-image.ts";

/** Reads images by their index. It may hold a file open, so it must be closed. */
export interface PixelReader {
  /** Image `index`. The next call may reuse its pixels. */
  read(index: number): RawImage;
  close(): void;
}

/**
 * Opens stored images.
 * @throws UserError `E_DATA` when their file cannot be opened; `read` throws it when the file is
 *   cut short.
 */
export function openPixels(pixels: Pixels): PixelReader {
  return pixels.type === "memory" ? memoryReader(pixels) : packReader(pixels);
}

function memoryReader({ channels, height, width, bytes }: ImagesInMemory): PixelReader {
  const size = channels * height * width;
  return {
    read: (index) => ({ channels, height, width, pixels: bytes.subarray(index * size, (index + 1) * size) }),
    close: () => {},
  };
}

function packReader({ file, channels, offsets, heights, widths }: PackedImages): PixelReader {
  const refuse = (problem: string): never => {
    throw new UserError("E_DATA", `the decoded images in ${file} ${problem}; remove that file to decode them again`);
  };
  const handle = (() => {
    try {
      return openSync(file, "r");
    } catch (error) {
      return refuse(`cannot be opened (${(error as NodeJS.ErrnoException).code})`);
    }
  })();
  let buffer = new Uint8Array(0);
  return {
    read(index) {
      const [height, width] = [at(heights, index), at(widths, index)];
      const size = channels * height * width;
      if (buffer.length < size) buffer = new Uint8Array(size);
      for (let done = 0; done < size; ) {
        const more = readSync(handle, buffer, done, size - done, at(offsets, index) + done);
        if (more === 0) refuse("are cut short");
        done += more;
      }
      return { channels, height, width, pixels: buffer.subarray(0, size) };
    },
    close: () => closeSync(handle),
  };
}

/** Selects images in the order of the indices; those in memory are copied. */
export function selectPixels(pixels: Pixels, indices: Int32Array): Pixels {
  if (pixels.type === "pack") {
    const { offsets, heights, widths } = pixels;
    return {
      ...pixels,
      offsets: Float64Array.from(indices, (i) => at(offsets, i)),
      heights: Uint32Array.from(indices, (i) => at(heights, i)),
      widths: Uint32Array.from(indices, (i) => at(widths, i)),
    };
  }
  const size = pixels.channels * pixels.height * pixels.width;
  const bytes = new Uint8Array(new SharedArrayBuffer(indices.length * size));
  indices.forEach((index, i) => {
    bytes.set(pixels.bytes.subarray(index * size, (index + 1) * size), i * size);
  });
  return { ...pixels, bytes };
}
