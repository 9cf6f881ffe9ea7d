/**
 * The files of samples that another generator made: which there are, what their tensors are called,
 * and whether each has those that are compared. A plan and the run itself ask the same.
 */
import {
  type CheckpointReader,
  findCheckpoints,
  openVector,
  passedOverNote,
  type VectorOptions,
} from "../../checkpoints/index.ts";
import { UserError } from "../../errors.ts";
import type { Layout } from "../../layout/index.ts";
import { type AnyRecipe, hasNetwork } from "../../recipe/index.ts";
import { networkNames } from "../collect/network-files.ts";
import { classifierOf } from "../context.ts";

/** What tensors are called in files. */
export type Naming = Required<Pick<VectorOptions, "namesOf">> & Pick<VectorOptions, "names">;

/** Samples of another generator, all of which fit. */
export interface SampleFiles {
  /** As many as the recipe says, copies among them, too. */
  readonly files: readonly string[];
  readonly naming: Naming;
  /** Opens a file as the flat vector of the generated tensors. */
  readonly open: (file: string) => Promise<CheckpointReader>;
  /** Remarks on the files, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Finds the samples that a recipe names, and opens each once.
 * @param chosen the generated tensors.
 * @throws UserError `E_CHECKPOINT` where there are fewer than the recipe says, or naming the file,
 *   its tensor, what it is and what was expected, where one does not fit.
 */
export async function sampleFiles(recipe: AnyRecipe, chosen: Layout): Promise<SampleFiles> {
  const { count, files: patterns = [], key } = recipe.sample;
  const { files: found, passedOver } = await findCheckpoints(patterns);
  if (found.length < count)
    throw new UserError(
      "E_CHECKPOINT",
      `there are ${found.length} samples (sample.files), and sample.count takes ${count}; give more files, or lower it`,
    );
  const naming: Naming = hasNetwork(recipe)
    ? networkNames(recipe, classifierOf(recipe))
    : { namesOf: ({ name }) => [name] };
  const files = found.slice(0, count);
  const open = (file: string) => openVector(file, chosen, { key, ...naming });
  for (const file of files) await (await open(file)).close();
  return { files, naming, open, notes: passedOverNote(passedOver) };
}
