/**
 * The groups of files of a zoo: checkpoints that are learned from, and those that nothing learned
 * from. No network may stand in two of them, or it would audit what was made of it.
 */
import { checkpointFiles, copiesNote, distinctFiles, type ReadVectors } from "../../checkpoints/index.ts";
import { UserError } from "../../errors.ts";

type Patterns = string | readonly string[];

/** What a recipe says of the files of a zoo. */
export interface FilePatterns {
  readonly files?: Patterns | undefined;
  readonly heldOutFiles?: Patterns | undefined;
  readonly unseenFiles?: Patterns | undefined;
}

/** Files by what they are for. */
export interface FileGroups {
  /** Checkpoints to learn from, and to hold some of out where these are not given apart. */
  readonly files: readonly string[];
  /** Those to hold out, where they are given apart. */
  readonly heldOut: readonly string[] | undefined;
  /** More of those that nothing learned from. */
  readonly unseen: readonly string[];
}

/** All patterns of a zoo, those to learn from first. */
export const allPatterns = ({ files = [], heldOutFiles = [], unseenFiles = [] }: FilePatterns): string[] =>
  [files, heldOutFiles, unseenFiles].flat();

/**
 * Finds the files of a zoo.
 * @throws UserError `E_CHECKPOINT` where a pattern names nothing.
 */
export async function fileGroups({ files = [], heldOutFiles, unseenFiles }: FilePatterns): Promise<FileGroups> {
  return {
    files: await checkpointFiles(files),
    heldOut: heldOutFiles === undefined ? undefined : await checkpointFiles(heldOutFiles),
    unseen: unseenFiles === undefined ? [] : await checkpointFiles(unseenFiles),
  };
}

/** All files of groups, those to learn from first. */
export const allFiles = ({ files, heldOut = [], unseen }: FileGroups): string[] => [...files, ...heldOut, ...unseen];

/** Files by what they are for, without copies, and a remark on these. */
export interface DistinctGroups extends FileGroups {
  readonly notes: readonly string[];
}

/** What a group is for, in messages. */
const PURPOSES = {
  files: "is learned from (zoo.files, --originals)",
  heldOut: "is held out (zoo.heldOutFiles, --held-out)",
  unseen: "is unseen (zoo.unseenFiles, --unseen)",
} as const;

/**
 * Leaves out copies within each group.
 * @throws UserError `E_CHECKPOINT` where the same network stands in two groups.
 */
export async function distinctGroups(groups: FileGroups, vectors: ReadVectors): Promise<DistinctGroups> {
  const purposes = new Map<string, string>();
  const refuse = (problem: string) =>
    new UserError(
      "E_CHECKPOINT",
      `${problem}; a network that was learned from cannot audit the samples, and none counts twice: leave one of them out`,
    );
  for (const name of ["files", "heldOut", "unseen"] as const)
    for (const file of groups[name] ?? []) {
      if (purposes.has(file)) throw refuse(`${file} ${purposes.get(file)} and ${PURPOSES[name]}`);
      purposes.set(file, PURPOSES[name]);
    }
  const all = allFiles(groups);
  const { copies } = await distinctFiles(all, vectors);
  for (const [file, original] of copies)
    if (purposes.get(file) !== purposes.get(original))
      throw refuse(`${file} ${purposes.get(file)} and is a copy of ${original}, which ${purposes.get(original)}`);
  const without = (files: readonly string[]) => files.filter((file) => !copies.has(file));
  return {
    files: without(groups.files),
    heldOut: groups.heldOut && without(groups.heldOut),
    unseen: without(groups.unseen),
    notes: copiesNote(copies, all.length),
  };
}
