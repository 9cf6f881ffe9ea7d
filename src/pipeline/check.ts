/** What the schema cannot know: whether the parts of a recipe fit one another. Found out from shapes, before any work. */
import type { Layout } from "../checkpoints/index.ts";
import { type DataShape, dataShape } from "../data/index.ts";
import { autoencoder } from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { input } from "../graph/index.ts";
import { countOf, trace } from "../nn/index.ts";
import { type Classifier, classifier } from "../zoo/index.ts";
import { chosenTensors } from "./context.ts";
import type { Recipe } from "./recipe.ts";

/** The numbers of the largest matrix in memory: as float32 they fill 4 GiB, the largest buffer of Node 20. */
const MAX_ELEMENTS = 2 ** 30;

/** The shapes that follow from a recipe. */
export interface Outline {
  readonly shape: DataShape;
  readonly network: Classifier;
  /** The generated tensors, as a layout of their own. */
  readonly chosen: Layout;
  /** Size of a latent. */
  readonly latent: number;
}

/**
 * Checks a recipe. Needs no data.
 * @throws UserError when the data are cut to nothing, the images are too small for the network, the selection names
 *   nothing, the latent is wider than the vector, or something would not fit into memory in any machine.
 */
export function checkRecipe(recipe: Recipe): Outline {
  const { data, zoo, sample, seed } = recipe;
  const shape = inPlace("data", () => dataShape({ ...data, seed }));
  const network = inPlace("network", () => classifier(recipe.network, shape), "; use smaller layers or fewer of them");
  const parameters = network.layout.size;
  limit(parameters, `the network would have ${parameters} parameters`, "use a smaller one");
  const chosen = inPlace("zoo.select", () => chosenTensors(recipe, network));
  const matrix = (rows: number) => `${rows} checkpoints of ${chosen.size} generated parameters are too many`;
  limit(zoo.count * chosen.size, matrix(zoo.count), "lower zoo.count or generate fewer tensors (zoo.select)");
  limit(sample.count * chosen.size, matrix(sample.count), "lower sample.count or generate fewer tensors (zoo.select)");
  return { shape, network, chosen, latent: inPlace("autoencoder", () => latentOf(recipe, chosen.size)) };
}

/** Size of a latent for vectors of length `dimension`. */
function latentOf({ autoencoder: options, zoo }: Recipe, dimension: number): number {
  if (options.type !== "v1" && options.latent > dimension)
    throw new UserError(
      "E_CONFIG",
      `a latent of ${options.latent} numbers is wider than the ${dimension} generated parameters; lower autoencoder.latent`,
    );
  if (options.type === "linear") return Math.min(options.latent, zoo.count - 1);
  const net = autoencoder(options, dimension);
  const { parameters } = trace((at) => net.decode(at, net.encode(at, input("v", [1, dimension]))), { training: false });
  const count = countOf(parameters);
  limit(count, `it would have ${count} parameters`, "use fewer or smaller stages, or a smaller latent");
  return net.latent;
}

function limit(elements: number, problem: string, advice: string): void {
  if (elements > MAX_ELEMENTS)
    throw new UserError("E_CONFIG", `${problem} (at most ${MAX_ELEMENTS} numbers fit); ${advice}`);
}

/** Adds to what goes wrong where in the recipe that is. */
function inPlace<T>(where: string, build: () => T, advice = ""): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.code, `${where}: ${error.message}${error.code === "E_SHAPE" ? advice : ""}`, {
      cause: error,
    });
  }
}
