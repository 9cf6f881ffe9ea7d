/** Opens an existing run. */
import { type AnyRecipe, loadRecipe } from "../recipe/index.ts";
import { existingRun } from "../run/index.ts";

/**
 * Reads the recipe of an existing run.
 * @throws UserError `E_RUN` when the folder is no run.
 */
export async function openRun(folder: string): Promise<{ recipe: AnyRecipe; folder: string }> {
  const { config } = await existingRun(folder);
  return { recipe: await loadRecipe(config), folder };
}
