/** Reads some tensors of a checkpoint in any format as one flat vector, by ranges. */

import { UserError } from "../errors.ts";
import { type Layout, type LayoutEntry, nameFinder } from "../layout/index.ts";
import { at, get } from "../lookup.ts";
import { show, showFaults } from "../show.ts";
import type { CheckpointReader } from "./flat-reader.ts";
import type { FileOptions } from "./formats/checkpoint-file.ts";
import { DECODERS } from "./formats/dtypes.ts";
import { openFile } from "./formats/open-file.ts";

/** What the tensors of a layout are called in a file. */
export interface VectorOptions extends FileOptions {
  /**
   * The names that a tensor may have, the likeliest first; its own by default. All names may have
   * one common prefix, or lack one.
   */
  readonly namesOf?: (entry: LayoutEntry) => readonly string[];
  /** All names of the network, of which the layout may be a part. */
  readonly names?: readonly string[];
}

/**
 * Opens a checkpoint as the flat vector of a layout. The file may hold more tensors than the layout
 * names, in any order, and of any floating-point type.
 * @throws UserError `E_CHECKPOINT` when the file is missing or damaged, or when a tensor of the
 *   layout is missing, of another shape or not of a floating-point type, naming it.
 */
export async function openVector(
  path: string,
  layout: Layout,
  { key, namesOf = ({ name }) => [name], names: all }: VectorOptions = {},
): Promise<CheckpointReader> {
  const file = await openFile(path, { key });
  const nameOf = nameFinder(file.tensors, layout.entries, namesOf, all);
  const names = new Map<LayoutEntry, string>();
  const missing: string[] = [];
  const different = new Map<string, string>();
  for (const entry of layout.entries) {
    const name = nameOf(entry);
    const found = name === undefined ? undefined : file.tensors.get(name);
    if (name === undefined || found === undefined) missing.push(at(namesOf(entry), 0));
    else if (!DECODERS.has(found.dtype)) different.set(name, `${show(name)} is of type ${found.dtype}`);
    // The same elements may stand in another shape, as a ConvNeXt's scales do.
    else if (found.count !== entry.size || withoutOnes(found.shape) !== withoutOnes(entry.shape))
      different.set(name, `${show(name)} is [${found.shape}], expected [${entry.shape}]`);
    else names.set(entry, name);
  }
  const faults = showFaults({ missing, different });
  if (faults !== "") {
    await file.close();
    throw new UserError(
      "E_CHECKPOINT",
      `${path} does not fit: ${faults}; give a checkpoint of the same network, or select other tensors`,
    );
  }
  return {
    read: async (start, end, into) => {
      for (const entry of layout.entries) {
        const from = Math.max(start, entry.offset);
        const to = Math.min(end, entry.offset + entry.size);
        if (from < to)
          await file.readFloats(get(names, entry), from - entry.offset, into.subarray(from - start, to - start));
      }
    },
    close: file.close,
  };
}

const withoutOnes = (shape: readonly number[]): string => `${shape.filter((dimension) => dimension !== 1)}`;
