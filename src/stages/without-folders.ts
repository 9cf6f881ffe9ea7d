/**
 * Takes the folders of this machine out of what is handed on: they are of no use elsewhere, and
 * tell names of people and projects.
 */
import { posix, win32 } from "node:path";

import type { AnyRecipe } from "../recipe/index.ts";

const isAbsolute = (text: string): boolean => posix.isAbsolute(text) || win32.isAbsolute(text);

/** The end of a path, of either system. */
const nameIn = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== "") ?? "";

/**
 * A text in which every absolute path is shortened to its last part. A text that is one path, with
 * spaces or not, counts as one; of others, each word is looked at.
 * @param isPath whether the text is one path or pattern.
 */
export function withoutFolders(text: string, isPath = false): string {
  if (isPath) return isAbsolute(text) ? nameIn(text) : text;
  return text
    .split(/([\s"'`=,;()]+)/)
    .map((word) => (isAbsolute(word) && word.length > 1 ? nameIn(word) : word))
    .join("");
}

/** A recipe without folders of this machine, to be read and not to be run. */
export const recipeWithoutFolders = (recipe: AnyRecipe): AnyRecipe => shortened(recipe, "") as AnyRecipe;

function shortened(value: unknown, key: string): unknown {
  if (typeof value === "string") return withoutFolders(value, key !== "command");
  if (Array.isArray(value)) return value.map((item) => shortened(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner, name)]));
}
