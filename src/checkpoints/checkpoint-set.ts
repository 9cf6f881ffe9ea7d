/**
 * A set of checkpoints of one network: opens the files one after another, and checks that they
 * differ in nothing but their values.
 */

import { UserError } from "../errors.ts";
import { at, get } from "../lookup.ts";
import { show, showAll, showFaults } from "../show.ts";
import { findCheckpoints, passedOverNote } from "./find-checkpoints.ts";
import type { CheckpointFile, FileOptions, StoredTensor } from "./formats/checkpoint-file.ts";
import { openFile } from "./formats/open-file.ts";

/** Checkpoints that differ in nothing but their values. */
export interface CheckpointSet {
  readonly files: readonly string[];
  /** Every tensor of the first file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Remarks on the other files, in sentences. */
  readonly notes: readonly string[];
}

/** Files named in an error that differ from the first one. */
const MAX_NAMED = 3;

/**
 * Opens checkpoints, one after another, and makes sure that they are of one network.
 * @throws UserError `E_CHECKPOINT` when there are none, one is damaged, or they differ in names or
 *   shapes, saying which and how.
 */
export async function openSet(patterns: string | readonly string[], options: FileOptions = {}): Promise<CheckpointSet> {
  const { files, passedOver } = await findCheckpoints(patterns);
  const { tensors, beside = [] } = await contentOf(at(files, 0), options);
  const odd: string[] = [];
  const types: string[] = [];
  for (const file of files.slice(1)) {
    const { tensors: other } = await contentOf(file, options);
    const faults = differences(tensors, other);
    if (faults !== "") odd.push(`${file} (${faults})`);
    else if ([...other].some(([name, { dtype }]) => dtype !== get(tensors, name).dtype)) types.push(file);
  }
  if (odd.length > 0) {
    const named = odd.slice(0, MAX_NAMED).join("; ");
    const rest = odd.length > MAX_NAMED ? `; and ${odd.length - MAX_NAMED} more` : "";
    throw new UserError(
      "E_CHECKPOINT",
      `${odd.length} of ${files.length} checkpoints are not of the same network as ${at(files, 0)}: ${named}${rest}; leave them out, or give them alone`,
    );
  }
  return {
    files,
    tensors,
    notes: [
      ...passedOverNote(passedOver),
      ...(types.length === 0
        ? []
        : [
            `${types.length} of ${files.length} checkpoints store some tensors in another type than the first, such as ${types[0]}`,
          ]),
      ...(beside.length === 0
        ? []
        : [
            `a checkpoint holds more, which is not generated and stays as in one file: ${showAll(beside, (text) => text)}`,
          ]),
    ],
  };
}

async function contentOf(path: string, options: FileOptions): Promise<Pick<CheckpointFile, "tensors" | "beside">> {
  const file = await openFile(path, options);
  await file.close();
  return file;
}

/** How the tensors of a file differ from those of the first. */
function differences(first: CheckpointFile["tensors"], other: CheckpointFile["tensors"]): string {
  const missing = [...first.keys()].filter((name) => !other.has(name));
  const unexpected = [...other.keys()].filter((name) => !first.has(name));
  const different = new Map<string, string>();
  for (const [name, { shape }] of other) {
    const expected = first.get(name)?.shape;
    if (expected !== undefined && `${expected}` !== `${shape}`)
      different.set(name, `${show(name)} is [${shape}], there [${expected}]`);
  }
  return showFaults({ missing, unexpected, different });
}
