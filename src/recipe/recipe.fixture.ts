/** A small recipe with changes, for tests of what a recipe may say. */
import { UserError } from "../errors.ts";
import { override, requireNetwork, resolveRecipe } from "./load.ts";
import type { MetricRecipe, Recipe } from "./schema.ts";

const classifier = {
  name: "small",
  data: { name: "glyphs", selection: 100 },
  network: { name: "mlp", hidden: [16] },
  base: { epochs: 1, batch: 32, lr: 1e-3, optimiser: "adam", schedule: "constant" },
  zoo: { count: 10 },
};

/** The recipe of a classifier with `key=value` changes. */
export const recipeWith = (...changes: readonly string[]): Recipe =>
  requireNetwork(resolveRecipe(changes.reduce(override, classifier), "a recipe"), "a test");

/** The recipe of checkpoints that only a metric can score, with `key=value` changes. */
export const measuredWith = (...changes: readonly string[]): MetricRecipe =>
  resolveRecipe(
    changes.reduce(override, { name: "small", zoo: { kind: "files", files: "ckpts/*.pth", count: 10 } }),
    "a recipe",
  ) as MetricRecipe;

/** What is wrong with a recipe; the error of one that is accepted. */
export function problemOf(resolve: () => unknown): string {
  try {
    resolve();
  } catch (error) {
    if (error instanceof UserError && error.code === "E_CONFIG") return error.message.replace(/^a recipe: /, "");
    throw error;
  }
  throw new Error("the recipe was accepted");
}

/** What is wrong with the recipe of a classifier with changes. */
export const problemWith = (...changes: readonly string[]): string => problemOf(() => recipeWith(...changes));
