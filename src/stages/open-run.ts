/** Opens an existing run. */
import { type AnyRecipe, loadRunRecipe, type Parts } from "../recipe/index.ts";
import { existingRun } from "../run/index.ts";

/**
 * Reads the recipe of an existing run.
 * @param parts what the recipe chooses its parts from; the parts of this package by default.
 * @throws UserError `E_RUN` when the folder is no run.
 */
export async function openRun(folder: string, parts?: Parts): Promise<{ recipe: AnyRecipe; folder: string }> {
  const { config } = await existingRun(folder);
  return { recipe: await loadRunRecipe(config, parts), folder };
}
