/**
 * Reads ranges of a checkpoint's flat vector directly from the file, for matrices that do not fit
 * in memory.
 */

import { UserError } from "../errors.ts";
import type { Layout } from "../layout/index.ts";
import { at, get } from "../lookup.ts";
import { show, showFaults } from "../show.ts";
import { bytesOf } from "./formats/read-floats.ts";
import type { SafetensorsHeader } from "./formats/safetensors/header.ts";
import { openSafetensors } from "./formats/safetensors/safetensors.ts";

/** An open checkpoint. Several reads may run at once. */
export interface CheckpointReader {
  /**
   * Fills the first `end - start` elements of `into` with the coordinates [start, end) of the flat
   * vector.
   */
  readonly read: (start: number, end: number, into: Float32Array) => Promise<void>;
  /** Closes the file; it cannot be read after that. */
  readonly close: () => Promise<void>;
}

/** Coordinates [start, end) that lie next to each other in the file, from byte `position` on. */
interface Run {
  readonly start: number;
  end: number;
  readonly position: number;
}

/**
 * Opens a safetensors checkpoint as the flat vector of a layout. The file may hold more tensors
 * than the layout names, in any order. Tensors that are neighbours in both are read with one call.
 * @throws UserError `E_CHECKPOINT` when the file is missing or damaged, or when a tensor of the
 *   layout is missing, not F32 or of another shape, naming it.
 */
export async function openCheckpoint(path: string, layout: Layout): Promise<CheckpointReader> {
  const file = await openSafetensors(path);
  let runs: readonly Run[];
  try {
    checkFits(path, layout, file.header);
    runs = runsOf(layout, file.header);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    read: async (start, end, into) => {
      if (!(start >= 0 && start <= end && end <= layout.size && end - start <= into.length))
        throw new RangeError(`coordinates [${start}, ${end}) of ${layout.size} into ${into.length} places`);
      for (let index = runAt(runs, start), filled = start; filled < end; index++) {
        const run = at(runs, index);
        const stop = Math.min(end, run.end);
        await file.readBytes(
          run.position + 4 * (filled - run.start),
          bytesOf(into.subarray(filled - start, stop - start)),
        );
        filled = stop;
      }
    },
    close: file.close,
  };
}

function checkFits(path: string, layout: Layout, { tensors }: SafetensorsHeader): void {
  const missing: string[] = [];
  const different = new Map<string, string>();
  for (const { name, shape } of layout.entries) {
    const found = tensors.get(name);
    if (found === undefined) missing.push(name);
    else if (found.dtype !== "F32" || `${found.shape}` !== `${shape}`)
      different.set(name, `${show(name)} is ${found.dtype} [${found.shape}], expected F32 [${shape}]`);
  }
  const faults = showFaults({ missing, different });
  if (faults !== "")
    throw new UserError(
      "E_CHECKPOINT",
      `${path} does not fit the network: ${faults}; give a checkpoint of the same network in float32`,
    );
}

/** The runs of a layout in the order of its coordinates. */
function runsOf(layout: Layout, { tensors }: SafetensorsHeader): Run[] {
  const runs: Run[] = [];
  for (const { name, offset, size } of layout.entries) {
    const position = get(tensors, name).begin;
    const last = runs.at(-1);
    if (last !== undefined && last.position + 4 * (last.end - last.start) === position) last.end = offset + size;
    else runs.push({ start: offset, end: offset + size, position });
  }
  return runs;
}

/** Finds the run that holds a coordinate, by bisection. */
function runAt(runs: readonly Run[], coordinate: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(runs, middle).end <= coordinate) low = middle + 1;
    else high = middle;
  }
  return low;
}
