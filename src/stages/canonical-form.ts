/**
 * The canonical form of a run's networks: which networks have one, and the axes of the images that
 * they see.
 */
import { join } from "node:path";

import { readSafetensors } from "../checkpoints/index.ts";
import { type Preparation, preparedImages } from "../data/index.ts";
import { UserError } from "../errors.ts";
import { exists } from "../files/index.ts";
import type { Layout } from "../layout/index.ts";
import type { MemoryMatrix } from "../numeric/index.ts";
import { type AnyRecipe, hasNetwork, type Recipe } from "../recipe/index.ts";
import { progressItem, writeVectors } from "../run/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import {
  type CanonicalSpace,
  canonicalSpace,
  type HiddenUnits,
  hiddenUnits,
  type ImageView,
  type InputAxes,
  imageAxes,
} from "../symmetry/index.ts";
import { isTrajectory } from "./collect/import-checkpoints.ts";
import type { TrainingContext } from "./collect/task-training.ts";
import { hasTask, type ReadingContext } from "./context.ts";

/**
 * The hidden units of a recipe's generated tensors.
 * @throws UserError `E_CONFIG` if they are not known, saying which layer is the reason.
 */
export function unitsOf(recipe: AnyRecipe, chosen: Layout): HiddenUnits {
  const refuse = (problem: string): never => {
    throw new UserError("E_CONFIG", `hidden units are not known: ${problem}`);
  };
  if (!hasNetwork(recipe))
    return refuse("of networks that are not run here nobody says what their activations are, nor what they see");
  const { name } = recipe.network;
  if (!hasUnits(recipe))
    return refuse(`which units may change places and be scaled is known only of ${WITH_UNITS.join(", ")}, got ${name}`);
  const found = hiddenUnits(chosen);
  return "units" in found ? found.units : refuse(`${found.problem}; generate all of the network (zoo.select: all)`);
}

/**
 * Networks whose hidden units may be scaled and reordered: plain layers with ReLU or LeakyReLU, and
 * pooling.
 */
const WITH_UNITS: readonly string[] = ["mlp", "cnn", "convnet", "convnet-mini"];
/** Whether a recipe's network is one of them. */
export const hasUnits = ({ network }: Recipe): boolean => WITH_UNITS.includes(network.name);

/** What the first layer of a network sees of a prepared image. */
function imageView({ network }: Recipe, { channels, height, width }: Preparation): ImageView {
  const whole = { channels, height, width, kernel: undefined, stride: 1, repeat: 1 };
  switch (network.name) {
    case "cnn":
      return { ...whole, kernel: network.kernel, repeat: network.colour && channels === 1 ? 3 : 1 };
    case "convnet":
      return { ...whole, kernel: 3 };
    case "convnet-mini":
      return { ...whole, kernel: 7, stride: 2 };
    default:
      return whole;
  }
}

/**
 * The principal axes of the training images, or of windows of them; found once and kept beside the
 * zoo.
 * @throws UserError `E_CHECKPOINT` where the file of a run holds something else.
 */
async function inputAxes({
  paths: p,
  recipe,
  task,
  progress,
  signal,
}: Omit<TrainingContext, "saver">): Promise<InputAxes> {
  const file = join(p.zoo, "inputs.safetensors");
  if (!(await exists(file))) {
    await progress(progressItem("find-input-axes"), 0, 1);
    const { data } = await task();
    const { pixels } = preparedImages(data, data.train);
    const view = imageView(recipe, data);
    const { mean, axes, variance } = await imageAxes(pixels, view, nodeDevice(recipe.device), signal);
    await writeVectors(file, { mean, axes, variance }, {});
  }
  const { tensors } = await readSafetensors(file);
  const [mean, axes, variance] = ["mean", "axes", "variance"].map((name) => tensors.get(name));
  if (mean === undefined || axes?.length !== mean.length ** 2 || variance?.length !== mean.length)
    throw new UserError("E_CHECKPOINT", `${file} is not what this program wrote; remove it, and it is made again`);
  return { mean, axes, variance };
}

/**
 * The canonical space of a zoo.
 * @param networks of the zoo, `[K, D]`; the first gives units their order.
 * @throws UserError `E_CONFIG` as `unitsOf` does.
 */
export async function canonicalSpaceOf(
  context: ReadingContext | TrainingContext,
  networks: MemoryMatrix,
  chosen: Layout,
): Promise<CanonicalSpace> {
  const units = unitsOf(context.recipe, chosen);
  if (!hasTask(context)) throw new Error("a network whose units are known can be run");
  return canonicalSpace(networks, units, await inputAxes(context), nodeDevice(context.recipe.device), context.signal);
}

/**
 * The canonical space of a zoo if canonical forms make its networks comparable: if their units are
 * known, they were trained separately and they are generated whole; else undefined. Networks of one
 * training have their units in one order already.
 * @param networks of the zoo, `[K, D]`.
 */
export async function comparableSpace(
  context: ReadingContext,
  networks: MemoryMatrix,
  chosen: Layout,
): Promise<CanonicalSpace | undefined> {
  if (!hasTask(context)) return undefined;
  const known = hasUnits(context.recipe) && "units" in hiddenUnits(chosen);
  return known && !(await isTrajectory(context)) ? canonicalSpaceOf(context, networks, chosen) : undefined;
}
