/**
 * The checkpoints of a zoo of files: which files there are without copies, which of their tensors
 * are generated, and what has to be said of the rest. A plan and the run itself ask the same.
 */
import {
  type CheckpointReader,
  openSet,
  openVector,
  remarksOn,
  type StoredTensor,
  surveyFiles,
  tensorsToGenerate,
} from "../../checkpoints/index.ts";
import type { Layout } from "../../layout/index.ts";
import type { MetricRecipe } from "../../recipe/index.ts";
import { showAll } from "../../show.ts";
import { allFiles, allPatterns, distinctGroups, type FileGroups, fileGroups } from "./file-groups.ts";

/**
 * Where the checkpoints of a zoo lie: without copies, in the order in which they were made, as far
 * as their names show.
 */
export interface ZooFiles extends FileGroups {
  /** The same with copies. */
  readonly given: FileGroups;
  /** The tensors to generate. */
  readonly layout: Layout;
  /** Opens a file as the flat vector of the layout. */
  readonly open: (file: string) => Promise<CheckpointReader>;
  /** Remarks on the files, in sentences, and those that concern what is measured. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /**
   * Tensors that are not generated and differ between the checkpoints: every network that is
   * measured has those of one file.
   */
  readonly differing: readonly string[];
}

/** Checkpoints of networks that cannot be run here. */
export interface OwnZoo extends ZooFiles {
  /** Every tensor of the first file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Tensors that always have the elements of a generated one, which is given by name. */
  readonly tied: Readonly<Record<string, string>>;
}

/**
 * Reads what there is to know of a zoo of somebody's own checkpoints.
 * @throws UserError `E_CHECKPOINT` or `E_CONFIG` when the files or the selection cannot be used.
 */
export async function ownZoo(zoo: MetricRecipe["zoo"]): Promise<OwnZoo> {
  const { select, key } = zoo;
  const set = await openSet(allPatterns(zoo), { key });
  const given = await fileGroups(zoo);
  const selected = tensorsToGenerate(set.tensors, select);
  const opened = (layout: Layout) => (file: string) => openVector(file, layout, { key });
  const { notes: copied, ...groups } = await distinctGroups(given, { size: selected.size, open: opened(selected) });
  const survey = await surveyFiles(allFiles(groups), { key });
  const layout = tensorsToGenerate(set.tensors, select, survey);
  const { notes, differing } = remarksOn(set.tensors, select, { layout, survey });
  const generated = new Set(layout.entries.map(({ name }) => name));
  return {
    ...groups,
    given,
    layout,
    open: opened(layout),
    tensors: set.tensors,
    tied: Object.fromEntries([...survey.tied].filter(([, owner]) => generated.has(owner))),
    notes: [...set.notes, ...copied, ...notes],
    warnings:
      differing.length === 0 ? [] : [differingText(differing, "the checkpoint that other tensors are taken from")],
    differing,
  };
}

/** Says that originals are not measured as they are. */
export const differingText = (differing: readonly string[], owner: string): string =>
  `${differing.length === 1 ? "a tensor differs" : `${differing.length} tensors differ`} between the checkpoints and ${differing.length === 1 ? "is" : "are"} not generated: ${showAll(differing)}; every network, originals too, is measured with those of ${owner}, so no original is measured as it is; select them as well, or give checkpoints that share them`;
