/**
 * What an audit looks at of parameter vectors that do not fit in memory together: the same blocks of coordinates of each,
 * evenly spread over every tensor. Distances over a fair share of many coordinates are those over all of them, scaled.
 */
import { type Layout, layoutOf, openCheckpoint } from "../checkpoints/index.ts";

/** Numbers held in memory for all networks together: 1 GiB of float32. */
const MAX_NUMBERS = 2 ** 28;

/** Coordinates that are read together. */
const BLOCK = 4096;

/** The coordinates that are looked at. */
export interface View {
  /** The tensors, each as long as what is looked at of it. */
  readonly layout: Layout;
  /** Stretches of coordinates of the whole vector, one after another. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
  /** Whether these are all coordinates. */
  readonly whole: boolean;
}

/** The view of vectors of a layout, of which there are so many. */
export function viewOf(layout: Layout, networks: number, most = MAX_NUMBERS): View {
  const share = Math.min(1, most / (networks * layout.size));
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

/** What is looked at of checkpoints, `[files, view.layout.size]`. */
export async function readView(files: readonly string[], layout: Layout, view: View): Promise<Float32Array> {
  const width = view.layout.size;
  const rows = new Float32Array(files.length * width);
  for (const [i, file] of files.entries()) {
    const reader = await openCheckpoint(file, layout);
    try {
      let at = i * width;
      for (const [start, end] of view.ranges) {
        await reader.read(start, end, rows.subarray(at, at + end - start));
        at += end - start;
      }
    } finally {
      await reader.close();
    }
  }
  return rows;
}
