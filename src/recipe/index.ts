/** The room of recipes: reading, checking and explaining them. */

export { autosize, type Choice } from "./autosize.ts";
export { findRecipe, listRecipes, type RecipeFacts } from "./catalogue.ts";
export { shapeOf } from "./data-shape.ts";
export { type Change, changesOf, changeText, differencesOf, withoutChanges } from "./diff.ts";
export { editorSchema } from "./editor-schema.ts";
export { explain } from "./explain.ts";
export { asPath, type KeyVariant, pathsEndingIn, type RecipeKey, recipeKeys } from "./keys.ts";
export { loadRecipe, loadRunRecipe, override, recipeText, requireNetwork, resolveRecipe } from "./load.ts";
export { type Outside, outsideOf } from "./outside.ts";
export { builtInParts, choiceOf, type OwnParts, type Parts, partsWith } from "./parts.ts";
export { type PresetName, presetNames } from "./presets.ts";
export { type Quick, quick } from "./quick.ts";
export { type AnyRecipe, hasNetwork, type MetricRecipe, networkSchema, type Recipe, schema } from "./schema.ts";
