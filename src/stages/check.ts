/** Checks that the parts of a recipe fit one another, by their shapes, before any work. */

import type { Layout } from "../checkpoints/index.ts";
import type { DataShape } from "../data/index.ts";
import { autoencoder, denoiser, type TokenShape, unitTokens } from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { input } from "../graph/index.ts";
import { countOf, type Parameter, trace } from "../nn/index.ts";
import type { AnyRecipe, Recipe } from "../recipe/index.ts";
import { shapeOf } from "../recipe/index.ts";
import type { HiddenUnits } from "../symmetry/index.ts";
import { type Classifier, classifier } from "../zoo/index.ts";
import { unitsOf } from "./canonical-form.ts";
import { chosenTensors } from "./context.ts";
import { networkOf } from "./network-of.ts";

/** Numbers in the largest matrix: as float32 they fill 4 GiB, the largest buffer of Node 20. */
const MAX_ELEMENTS = 2 ** 30;

/** The shapes that follow from a recipe. */
export interface Outline {
  readonly shape: DataShape;
  readonly network: Classifier;
  /** The generated tensors, as a layout of their own. */
  readonly chosen: Layout;
  /** Size of a latent. */
  readonly latent: number;
  /** What a latent consists of, where it is tokens. */
  readonly tokens: TokenShape | undefined;
}

/**
 * Checks a recipe. Needs no data.
 * @throws UserError when no data are left, the images are too small for the network, the selection
 *   is empty, the latent is wider than the vector, or something fits into no machine's memory.
 */
export function checkRecipe(recipe: Recipe): Outline {
  const { zoo, sample } = recipe;
  const shape = withRecipePath("data", () => shapeOf(recipe));
  const pixels = `the images are of ${shape.height} × ${shape.width} pixels`;
  const advice = `; ${pixels}: use smaller or fewer layers, or larger images (data.pad)`;
  const network = withRecipePath("network", () => classifier(networkOf(recipe.network), shape), advice);
  limit(network.layout.size, `network: it would have ${network.layout.size} parameters`, "use smaller or fewer layers");
  const chosen = withRecipePath("zoo.select", () => chosenTensors(recipe, network));
  const matrix = (rows: number) => `${rows} checkpoints of ${chosen.size} generated parameters are too many`;
  limit(zoo.count * chosen.size, matrix(zoo.count), "lower zoo.count or generate fewer tensors (zoo.select)");
  limit(sample.count * chosen.size, matrix(sample.count), "lower sample.count or generate fewer tensors (zoo.select)");
  if (zoo.canonical) canonicalUnits(recipe, chosen);
  return { shape, network, chosen, ...checkGenerator(recipe, chosen) };
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

/**
 * Checks that a generator fits the generated tensors.
 * @returns the size of a latent, and what it consists of.
 * @throws UserError as `checkRecipe`.
 */
export function checkGenerator(recipe: AnyRecipe, chosen: Layout): Pick<Outline, "latent" | "tokens"> {
  const small = "; generate more tensors (zoo.select), or shorten less (autoencoder.fold)";
  const tokens =
    recipe.autoencoder.type === "units"
      ? withRecipePath("autoencoder.type", () => unitTokens(unitsOf(recipe, chosen)))
      : undefined;
  const latent = withRecipePath("autoencoder", () => latentOf(recipe, chosen.size), small);
  withRecipePath("diffusion", () => checkDenoiser(recipe, latent, tokens));
  return { latent, tokens };
}

/** Size of a latent for vectors of length `dimension`. */
function latentOf({ autoencoder: options, zoo }: AnyRecipe, dimension: number): number {
  if (options.type === "units") return dimension;
  if (options.type !== "v1" && options.latent > dimension)
    throw new UserError(
      "E_CONFIG",
      `a latent of ${options.latent} numbers is wider than the ${dimension} generated parameters; lower autoencoder.latent`,
    );
  if (options.type === "linear") return Math.min(options.latent, zoo.count - 1);
  if (options.type === "conv" || options.type === "v3") {
    const { channels } = options;
    const stride = options.type === "v3" ? 2 : options.stride;
    const folds = stride ** channels.length;
    limit(
      folds,
      `${channels.length} stages of stride ${stride} need ${folds} numbers`,
      "use fewer or a smaller stride",
    );
  }
  const net = autoencoder(options, dimension);
  const { parameters } = trace((at) => net.decode(at, net.encode(at, input("v", [1, dimension])).mean), {
    training: false,
  });
  limitParameters(parameters, "use fewer or smaller stages, or a smaller latent");
  return net.latent;
}

function checkDenoiser({ diffusion }: AnyRecipe, latent: number, tokens: TokenShape | undefined): void {
  if (diffusion === null) return;
  const { denoiser: options, process } = diffusion;
  const net = denoiser(options, process.steps, tokens);
  const { parameters } = trace((at) => net(at, input("x", [1, latent]), input("t", [1], "int32")), { training: false });
  limitParameters(parameters, "use a smaller denoiser or a smaller latent");
}

function limitParameters(parameters: readonly Parameter[], advice: string): void {
  const count = countOf(parameters);
  limit(count, `it would have ${count} parameters`, advice);
}

function limit(elements: number, problem: string, advice: string): void {
  if (elements > MAX_ELEMENTS)
    throw new UserError("E_CONFIG", `${problem} (at most ${MAX_ELEMENTS} numbers fit); ${advice}`);
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
