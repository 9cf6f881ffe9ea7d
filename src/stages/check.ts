/** Checks that the parts of a recipe fit one another, by their shapes, before any work. */

import type { DataShape } from "../data/index.ts";
import {
  type AutoencoderPlan,
  denoiser,
  partOf,
  requireFits,
  requireParametersFit,
  type TokenShape,
} from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { cost, input } from "../graph/index.ts";
import type { Layout } from "../layout/index.ts";
import { trace } from "../nn/index.ts";
import { type AnyRecipe, builtInParts, type Parts, type Recipe, shapeOf } from "../recipe/index.ts";
import type { HiddenUnits } from "../symmetry/index.ts";
import { networkOf } from "../task-network/index.ts";
import { type Classifier, classifier } from "../zoo/index.ts";
import { unitsOf } from "./canonical-form.ts";
import { chosenTensors } from "./context.ts";
import { contentsOf } from "./fit/generator-index.ts";

/** What a generator will be. */
export interface GeneratorOutline {
  /** Size of a latent; 0 where there is no autoencoder. */
  readonly latent: number;
  /** What a latent consists of, where it is tokens. */
  readonly tokens: TokenShape | undefined;
  /** What it costs to fit the autoencoder. */
  readonly work: AutoencoderPlan["work"];
}

/** The shapes that follow from a recipe. */
export interface Outline extends GeneratorOutline {
  readonly shape: DataShape;
  readonly network: Classifier;
  /** The generated tensors, as a layout of their own. */
  readonly chosen: Layout;
}

/**
 * Checks a recipe. Needs no data.
 * @throws UserError when no data are left, the images are too small for the network, the selection
 *   is empty, the latent is wider than the vector, or something fits into no machine's memory.
 */
export function checkRecipe(recipe: Recipe, parts: Parts = builtInParts): Outline {
  const { zoo, sample } = recipe;
  const shape = withRecipePath("data", () => shapeOf(recipe));
  const pixels = `the images are of ${shape.height} × ${shape.width} pixels`;
  const advice = `; ${pixels}: use smaller or fewer layers, or larger images (data.pad)`;
  const network = withRecipePath("network", () => classifier(networkOf(recipe.network), shape), advice);
  requireFits(
    network.layout.size,
    `network: it would have ${network.layout.size} parameters`,
    "use smaller or fewer layers",
  );
  const chosen = withRecipePath("zoo.select", () => chosenTensors(recipe, network));
  const matrix = (rows: number) => `${rows} checkpoints of ${chosen.size} generated parameters are too many`;
  requireFits(zoo.count * chosen.size, matrix(zoo.count), "lower zoo.count or generate fewer tensors (zoo.select)");
  requireFits(
    sample.count * chosen.size,
    matrix(sample.count),
    "lower sample.count or generate fewer tensors (zoo.select)",
  );
  if (zoo.canonical) canonicalUnits(recipe, chosen);
  return { shape, network, chosen, ...checkGenerator(recipe, chosen, parts) };
}

/**
 * The hidden units of the networks of a zoo that is kept in canonical form.
 * @throws UserError `E_CONFIG` when they are unknown, or the zoo has no separate trainings.
 */
export function canonicalUnits(recipe: Recipe, chosen: Layout): HiddenUnits {
  const { kind } = recipe.zoo;
  if (kind !== "seeds" && kind !== "orders")
    throw new UserError(
      "E_CONFIG",
      `zoo.canonical: networks of kind ${kind} have their units in one order already, expected seeds or orders; leave it out, or change that`,
    );
  return withRecipePath("zoo.canonical", () => unitsOf(recipe, chosen));
}

/** A generator without latents. */
const NOTHING_TO_FIT: GeneratorOutline = {
  latent: 0,
  tokens: undefined,
  work: () => ({ steps: 0, step: cost([]), snapshotBytes: 0 }),
};

/**
 * Checks that a generator fits the generated tensors.
 * @returns what the generator will be.
 * @throws UserError as `checkRecipe`.
 */
export function checkGenerator(recipe: AnyRecipe, chosen: Layout, parts: Parts): GeneratorOutline {
  if (!contentsOf({ recipe, parts }).autoencoder) return NOTHING_TO_FIT;
  const small = "; generate more tensors (zoo.select), or shorten less (autoencoder.fold)";
  const { latent, tokens, work } = withRecipePath("autoencoder", () => planAutoencoder(recipe, chosen, parts), small);
  withRecipePath("diffusion", () => checkDenoiser(recipe, latent, tokens, parts));
  return { latent, tokens, work };
}

/** What the autoencoder of a recipe will be, and what it costs. */
function planAutoencoder(recipe: AnyRecipe, chosen: Layout, parts: Parts): AutoencoderPlan {
  const part = partOf(parts.autoencoders, recipe.autoencoder, "autoencoder");
  return part.plan(recipe.autoencoder, {
    dimension: chosen.size,
    count: recipe.zoo.count,
    units: () => unitsOf(recipe, chosen),
  });
}

function checkDenoiser(
  { diffusion }: AnyRecipe,
  latent: number,
  tokens: TokenShape | undefined,
  { denoisers }: Parts,
): void {
  if (diffusion === null) return;
  const { denoiser: options, process } = diffusion;
  const net = denoiser(options, { steps: process.steps, tokens }, denoisers);
  const { parameters } = trace((at) => net(at, input("x", [1, latent]), input("t", [1], "int32")), { training: false });
  requireParametersFit(parameters, "use a smaller denoiser or a smaller latent");
}

/**
 * Adds the place in the recipe to a UserError. Shapes that do not fit are mistakes in the recipe,
 * and get the advice.
 */
function withRecipePath<T>(where: string, build: () => T, advice = ""): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [code, end] = error.code === "E_SHAPE" ? (["E_CONFIG", advice] as const) : [error.code, ""];
    throw new UserError(code, `${where}: ${error.message}${end}`, { cause: error });
  }
}
