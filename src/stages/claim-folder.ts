/** Claims a run folder for a recipe, and refuses one that another recipe uses. */
import { UserError } from "../errors.ts";
import { exists, remove, writeAtomic } from "../files/index.ts";
import { type AnyRecipe, differencesOf, loadRecipe, type Parts, recipeText } from "../recipe/index.ts";
import { type Paths, paths } from "../run/index.ts";

/** Sections of a recipe, each with the folder whose existence makes outputs depend on it. */
const laterSections = (p: Paths): readonly (readonly [section: string, folder: string])[] => [
  ["sample", p.samples],
  ["evaluate", p.evaluation],
  ["measure", p.evaluation],
  ["audit", p.evaluation],
];

/** The recipe fields that existing stage outputs depend on. */
async function fieldsInUse(recipe: AnyRecipe, p: Paths): Promise<Readonly<Record<string, unknown>>> {
  const { about: _, ...rest }: Record<string, unknown> = recipe;
  for (const [section, folder] of laterSections(p)) if (!(await exists(folder))) delete rest[section];
  return rest;
}

/**
 * Claims a run folder, which this process has locked, for a recipe: writes config.yaml, unless it
 * holds the same recipe. Fields that no output depends on yet may differ.
 * @returns whether the folder held a run of this recipe before.
 * @throws UserError `E_RUN` when the folder holds another recipe.
 */
export async function claimFolder(recipe: AnyRecipe, folder: string, parts: Parts): Promise<boolean> {
  const p = paths(folder);
  // The recipe may change as long as no stage has written anything, as after an error in the data.
  const begun = (await exists(p.base)) || (await exists(p.zoo));
  const write = () =>
    writeAtomic(
      p.config,
      `# Resolved recipe of this run; pdiff run on this file makes the same run again.\n${recipeText(recipe)}`,
    );
  const begin = async () => {
    await remove(p.network);
    await write();
    return false;
  };
  if (!(await exists(p.config))) {
    if (!begun) return begin();
    throw new UserError(
      "E_RUN",
      `${folder} holds a run without config.yaml; remove it or choose another folder with --run`,
    );
  }
  const there = await loadRecipe(p.config, [], parts);
  const differences = differencesOf(await fieldsInUse(there, p), await fieldsInUse(recipe, p));
  if (differences !== "") {
    if (!begun) return begin();
    throw new UserError(
      "E_RUN",
      `${folder} was made by another recipe (${differences}); choose another folder with --run, or remove this one`,
    );
  }
  if (recipeText(there) !== recipeText(recipe)) await write();
  return true;
}
