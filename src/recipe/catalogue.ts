/** The recipes that come with the program: listing them, and finding one by its name. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { nearest, UserError } from "../errors.ts";
import { loadRecipe, type Recipe, requireNetwork } from "./load.ts";

/** The folder of recipes that exist only to be extended. */
const SHARED = "shared";

/** A recipe of the program. */
export interface RecipeFacts extends Pick<Recipe, "name" | "about"> {
  readonly path: string;
  /** The folder that it lies in, such as `main`; empty for recipes that belong to no table. */
  readonly group: string;
  readonly data: string;
  readonly network: string;
  readonly select: string;
  readonly count: number;
}

/** The folder of recipes: beside `src` in a clone, beside `dist` in the package. */
const recipesFolder = (): string =>
  ["../../recipes", "../recipes"].map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync) ??
  "recipes";

/** The files of all recipes, sorted. */
async function recipeFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((path) => path.endsWith(".yaml") && !path.split(sep).includes(SHARED))
    .sort()
    .map((path) => join(folder, path));
}

/**
 * Lists the program's recipes.
 * @param words only recipes whose path, data set and network contain all of these words.
 */
export async function listRecipes(words: readonly string[] = []): Promise<RecipeFacts[]> {
  const folder = recipesFolder();
  const found = [];
  for (const file of await recipeFiles(folder)) {
    const recipe = requireNetwork(await loadRecipe(file), "a recipe of the program");
    const { name, about, data, network, zoo } = recipe;
    const [group = ""] = relative(folder, file).split(sep).slice(0, -1).slice(-1);
    const facts = {
      name,
      group,
      path: relative(process.cwd(), file),
      data: data.name,
      network: network.name,
      select: [zoo.select].flat().join(","),
      count: zoo.count,
      ...(about && { about }),
    };
    const text = [group, name, facts.path, facts.data, facts.network].join(" ").toLowerCase();
    if (words.every((word) => text.includes(word.toLowerCase()))) found.push(facts);
  }
  return found;
}

/**
 * The file of a recipe: a path stays as it is, a name gives the file of that recipe.
 * @throws UserError `E_CONFIG` with the nearest name, when there is no such recipe.
 */
export async function findRecipe(nameOrPath: string): Promise<string> {
  if (existsSync(nameOrPath) || /[./\\]/.test(nameOrPath)) return nameOrPath;
  const files = await recipeFiles(recipesFolder());
  const names = files.map((file) => basename(file, ".yaml"));
  const found = files[names.indexOf(nameOrPath)];
  if (found !== undefined) return relative(process.cwd(), found);
  const near = nearest(nameOrPath, names);
  throw new UserError(
    "E_CONFIG",
    `there is no recipe ${JSON.stringify(nameOrPath)}${near === undefined ? "" : `; did you mean ${near}?`}; give the path of a YAML file, or a name that pdiff recipes lists`,
  );
}
