/**
 * What a recipe may say: the schema of its resolved form. Every value has bounds, which keep slips
 * of the keyboard from becoming hours of work or a crash. The sections are in `schema/`; the parts
 * of a generator describe their options themselves.
 */
import { z } from "zod";
import { builtInParts, type Parts } from "./parts.ts";
import { checkClassifier } from "./schema/checks.ts";
import { dataSchema } from "./schema/data.ts";
import { auditSchema, evaluateSchema } from "./schema/evaluation.ts";
import type { AddIssue } from "./schema/fields.ts";
import { checkGeneration, generation } from "./schema/generation.ts";
import { identity } from "./schema/identity.ts";
import { measuredAuditSchema, measuredZooSchema, measureSchema } from "./schema/measured.ts";
import { networkSchema } from "./schema/network.ts";
import { baseSchema, zooSchema } from "./schema/zoo.ts";

export { networkSchema } from "./schema/network.ts";

/** The schema of a recipe whose networks are classifiers that can be run here. */
export const recipeSchema = (parts: Parts) =>
  z
    .strictObject({
      ...identity,
      data: dataSchema.describe("The data set, and how its images are prepared."),
      network: networkSchema,
      base: baseSchema,
      zoo: zooSchema,
      ...generation(parts),
      evaluate: evaluateSchema,
      audit: auditSchema(parts),
    })
    .check(({ value, issues }) => {
      const addIssue: AddIssue = (path, message, input) => issues.push({ code: "custom", path, message, input });
      checkGeneration(parts, value, addIssue);
      checkClassifier(value, addIssue);
    });

/**
 * The schema of a recipe for checkpoints of networks that cannot be run here: a program of the
 * user's measures them, or nothing does.
 */
export const metricRecipeSchema = (parts: Parts) =>
  z
    .strictObject({
      ...identity,
      zoo: measuredZooSchema,
      ...generation(parts),
      measure: measureSchema,
      audit: measuredAuditSchema(parts),
    })
    .check(({ value, issues }) =>
      checkGeneration(parts, value, (path, message, input) => issues.push({ code: "custom", path, message, input })),
    );

/** The schemas with the parts of this package. */
export const schema = recipeSchema(builtInParts);
export const metricSchema = metricRecipeSchema(builtInParts);

/**
 * A resolved recipe of classifiers: every value is there.
 * @category Recipes and devices
 */
export type Recipe = z.output<ReturnType<typeof recipeSchema>>;

/**
 * A resolved recipe of networks that only a user's metric can score.
 * @category Recipes and devices
 */
export type MetricRecipe = z.output<ReturnType<typeof metricRecipeSchema>>;

/**
 * A recipe whose networks can be run here, or one of networks that only a user's metric can score.
 * @category Recipes and devices
 */
export type AnyRecipe = Recipe | MetricRecipe;

/** Whether a recipe names a network and data, so that its networks can be run here. */
export const hasNetwork = (recipe: AnyRecipe): recipe is Recipe => "network" in recipe;
