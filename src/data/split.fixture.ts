/** Splits for tests. */
import type { Preparation, Split } from "./data-set.ts";

/** The pixels of a split in memory, one image after the other. */
export function bytesOf({ pixels }: Split): Uint8Array {
  if (pixels.type !== "memory") throw new Error("the images lie in a file");
  return pixels.bytes;
}

/** A split of images in memory, `[count, channels, height, width]`. */
export const memorySplit = (
  { channels, height, width }: Pick<Preparation, "channels" | "height" | "width">,
  bytes: Uint8Array,
  labels: Uint8Array,
): Split => ({ count: labels.length, pixels: { type: "memory", channels, height, width, bytes }, labels });
