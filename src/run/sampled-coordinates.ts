/**
 * A sample of coordinates, for the audit of networks that do not fit in memory together: the same
 * blocks of coordinates of each network, evenly spread over every tensor. Distances over many of
 * the coordinates are those over all, scaled.
 */
import { openCheckpoint } from "../checkpoints/index.ts";
import { type Layout, layoutOf } from "../layout/index.ts";
import { type MemoryMatrix, matrix, rowOf } from "../numeric/index.ts";

/** Numbers held in memory for all networks together: 1 GiB of float32. */
const MAX_NUMBERS = 2 ** 28;

/** Coordinates that are read together. */
const BLOCK = 4096;

/** Which coordinates are used. */
export interface SampledCoordinates {
  /** The layout of what is used: the same tensors, each as long as its part. */
  readonly layout: Layout;
  /** Ranges of coordinates of the whole vector, one after another. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
  /** Whether these are all coordinates. */
  readonly whole: boolean;
}

/**
 * Chooses the coordinates: all of them where the networks fit in memory.
 * @param networks how many are held together.
 * @param max numbers held for all networks together; 2²⁸ by default.
 */
export function sampleCoordinates(layout: Layout, networks: number, max = MAX_NUMBERS): SampledCoordinates {
  const share = Math.min(1, max / (networks * layout.size));
  if (share === 1) return { layout, ranges: [[0, layout.size]], whole: true };
  const ranges: [number, number][] = [];
  const specs = layout.entries.map(({ name, kind, offset, size }) => {
    const blocks = Math.max(1, Math.floor((size * share) / BLOCK));
    const length = Math.min(size, BLOCK);
    const step = blocks === 1 ? 0 : (size - length) / (blocks - 1);
    for (let b = 0; b < blocks; b++) {
      const start = offset + Math.floor(b * step);
      ranges.push([start, start + length]);
    }
    return { name, kind, shape: [blocks * length] };
  });
  return { layout: layoutOf(specs), ranges, whole: false };
}

/**
 * Reads the chosen coordinates of checkpoints, `[files, coordinates.layout.size]`.
 * @throws UserError `E_CHECKPOINT` naming a file that is missing, damaged or of another layout.
 */
export async function readSampledCoordinates(
  files: readonly string[],
  layout: Layout,
  { layout: { size }, ranges }: SampledCoordinates,
): Promise<MemoryMatrix> {
  const result = matrix(new Float32Array(files.length * size), size);
  for (const [i, file] of files.entries()) {
    const reader = await openCheckpoint(file, layout);
    const row = rowOf(result, i);
    try {
      let at = 0;
      for (const [start, end] of ranges) {
        await reader.read(start, end, row.subarray(at, at + end - start));
        at += end - start;
      }
    } finally {
      await reader.close();
    }
  }
  return result;
}
