/** The canonical form of a run's networks: which of them have one, and the axes of what they see of the images. */
import { join } from "node:path";
import { type Layout, readSafetensors } from "../checkpoints/index.ts";
import { type Preparation, preparedImages, type Split } from "../data/index.ts";
import { UserError } from "../errors.ts";
import { exists } from "../files/index.ts";
import { gemm, input } from "../graph/index.ts";
import { type AnyRecipe, isMeasured, type Recipe } from "../recipe/index.ts";
import { writeVectors } from "../run/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import {
  type HiddenUnits,
  hiddenUnits,
  type InputAxes,
  principalAxes,
  type UnitSpace,
  unitSpace,
} from "../symmetry/index.ts";
import { isTrajectory } from "./collect/import-checkpoints.ts";
import type { TrainingContext } from "./collect/task-training.ts";
import type { RunContext } from "./context.ts";

/**
 * The hidden units of a recipe's generated tensors.
 * @throws UserError `E_CONFIG` where there are none that are known: which layer it is, and why.
 */
export function unitsOf(recipe: AnyRecipe, chosen: Layout): HiddenUnits {
  const refuse = (problem: string): never => {
    throw new UserError("E_CONFIG", `hidden units are not known: ${problem}`);
  };
  if (isMeasured(recipe))
    return refuse("of networks that are not run here nobody says what their activations are, nor what they see");
  const { name } = recipe.network;
  if (!hasUnits(recipe))
    return refuse(`which units may change places and be scaled is known only of ${WITH_UNITS.join(", ")}, got ${name}`);
  const found = hiddenUnits(chosen);
  return "units" in found ? found.units : refuse(`${found.problem}; generate all of the network (zoo.select: all)`);
}

/** Networks whose activations let units be scaled, and of which nothing but layers tells units apart: ReLU or LeakyReLU, and pooling. */
const WITH_UNITS: readonly string[] = ["mlp", "cnn", "convnet", "convnet-mini"];
const hasUnits = ({ network }: Recipe): boolean => WITH_UNITS.includes(network.name);

/** Images of which patches are looked at, at most: there are many patches in an image. */
const MAX_IMAGES = 10_000;

/** What a first layer sees of an image `[channels, height, width]`, all of it or a window. */
interface View {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Side of a window, and how far it is to the next; none where all is seen. What is added around an image is left out. */
  readonly kernel: number | undefined;
  readonly stride: number;
  /** How often a grey image stands for a colour. */
  readonly repeat: number;
}

function viewOf({ network }: Recipe, { channels, height, width }: Preparation): View {
  const seen = { channels, height, width, repeat: 1, stride: 1 };
  switch (network.name) {
    case "cnn":
      return { ...seen, kernel: network.kernel, repeat: network.colour && channels === 1 ? 3 : 1 };
    case "convnet":
      return { ...seen, kernel: 3 };
    case "convnet-mini":
      return { ...seen, kernel: 7, stride: 2 };
    default:
      return { ...seen, kernel: undefined };
  }
}

/** Copies what is seen of an image, one view after another. */
function copyViews(image: Float32Array, view: View, into: Float32Array): void {
  const { channels, height, width, kernel, stride, repeat } = view;
  if (kernel === undefined) {
    into.set(image);
    return;
  }
  let at = 0;
  for (let y = 0; y + kernel <= height; y += stride)
    for (let x = 0; x + kernel <= width; x += stride)
      for (let c = 0; c < channels * repeat; c++)
        for (let row = 0; row < kernel; row++) {
          const start = ((c % channels) * height + y + row) * width + x;
          into.set(image.subarray(start, start + kernel), at);
          at += kernel;
        }
}

/** Images multiplied at a time. */
const IMAGES = 500;

/** Mean and covariance of what a network sees of a split's images, in principal axes. */
async function axesOf(preparation: Preparation, split: Split, view: View, device: Device): Promise<InputAxes> {
  const { size, pixels } = preparedImages(preparation, split);
  const { channels, height, width, kernel, stride, repeat } = view;
  const seen = kernel === undefined ? size : channels * repeat * kernel ** 2;
  const along = (length: number) => (kernel === undefined ? 1 : Math.floor((length - kernel) / stride) + 1);
  const views = along(height) * along(width);
  const used = kernel === undefined ? split.count : Math.min(split.count, MAX_IMAGES);
  const count = used * views;
  const batch = Math.min(IMAGES, used);
  const rows = new Float32Array(batch * views * seen);
  const x = input("x", [batch * views, seen]);
  const program = await compile({ products: gemm(x, x, { transA: true }) }, device);
  const mean = new Float64Array(seen);
  const covariance = new Float64Array(seen * seen);
  const each = async (visit: (n: number) => void | Promise<void>) => {
    for (let start = 0; start < used; start += batch) {
      const n = Math.min(batch, used - start);
      rows.fill(0);
      for (let k = 0; k < n; k++) {
        const from = size * Math.floor(((start + k) * split.count) / used);
        copyViews(pixels.subarray(from, from + size), view, rows.subarray(k * views * seen));
      }
      await visit(n * views);
    }
  };
  try {
    await each((n) => {
      for (let k = 0; k < n; k++) for (let i = 0; i < seen; i++) mean[i]! += rows[k * seen + i]! / count;
    });
    await each(async (n) => {
      for (let k = 0; k < n; k++) for (let i = 0; i < seen; i++) rows[k * seen + i]! -= mean[i]!;
      const products = (await program.run({ x: rows })).products as Float32Array;
      for (let i = 0; i < covariance.length; i++) covariance[i]! += products[i]! / count;
    });
  } finally {
    await program.release();
  }
  return principalAxes(mean, covariance);
}

/** The axes of the training images, or of windows of them, worked out once and kept beside the zoo. */
export async function inputAxes({ paths: p, recipe, task, progress }: TrainingContext): Promise<InputAxes> {
  const file = join(p.zoo, "inputs.safetensors");
  if (!(await exists(file))) {
    await progress("finding the axes of the images", 0, 1);
    const { data } = await task();
    const { mean, axes, variance } = await axesOf(data, data.train, viewOf(recipe, data), nodeDevice(recipe.device));
    await writeVectors(file, { mean, axes, variance }, {});
  }
  const { tensors } = await readSafetensors(file);
  const [mean, axes, variance] = ["mean", "axes", "variance"].map((name) => tensors.get(name));
  if (mean === undefined || axes === undefined || variance === undefined)
    throw new UserError("E_CHECKPOINT", `${file} is not what this program wrote; remove it, and it is made again`);
  return { mean, axes, variance };
}

/**
 * The space of a zoo's networks `[K, D]`.
 * @throws UserError `E_CONFIG` as `unitsOf`.
 */
export async function spaceOf(
  context: RunContext | TrainingContext,
  vectors: Float32Array,
  chosen: Layout,
): Promise<UnitSpace> {
  const { recipe } = context;
  const units = unitsOf(recipe, chosen);
  return unitSpace(vectors, units, await inputAxes(context as TrainingContext), nodeDevice(recipe.device));
}

/**
 * The canonical form of a zoo's networks `[K, D]` where it makes them comparable: of networks with units that were trained separately
 * and are generated whole. Those of one training have their units in one order already.
 */
export async function formOf(
  context: RunContext,
  vectors: Float32Array,
  chosen: Layout,
): Promise<UnitSpace | undefined> {
  const { recipe } = context;
  const known = !isMeasured(recipe) && hasUnits(recipe) && "units" in hiddenUnits(chosen);
  return known && !(await isTrajectory(context)) ? spaceOf(context, vectors, chosen) : undefined;
}
