/** What a recipe reaches outside of the folder of its run: commands, files, folders, other runs. */
import { type AnyRecipe, hasNetwork } from "./schema.ts";

/** A value of a recipe that names something outside of the run. */
export interface Outside {
  readonly key: string;
  readonly value: string;
}

/** Lists it, what is run first. */
export function outsideOf(recipe: AnyRecipe): Outside[] {
  const { zoo, sample } = recipe;
  const own: Record<string, string | readonly string[] | null | undefined> = hasNetwork(recipe)
    ? {
        "network.file": "file" in recipe.network ? recipe.network.file : undefined,
        "base.weights": recipe.base.weights,
        "data.folder": "folder" in recipe.data ? recipe.data.folder : undefined,
        "zoo.reuse": recipe.zoo.reuse,
        "zoo.files": zoo.files,
      }
    : { "measure.command": recipe.measure.command, "zoo.files": zoo.files, "zoo.like": recipe.zoo.like };
  const values = {
    ...own,
    "zoo.heldOutFiles": zoo.heldOutFiles,
    "zoo.unseenFiles": zoo.unseenFiles,
    "sample.files": sample.files,
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined || value === null ? [] : [{ key, value: [value].flat().join(", ") }],
  );
}
