/**
 * Makes a recipe for a user's own checkpoints, as for `pdiff fit 'ckpts/*.pth'`. Sizes are chosen
 * from the checkpoints, each with its reason.
 */

import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { checkpointFiles } from "../checkpoints/index.ts";
import { dataRoot, dataShape } from "../data/index.ts";
import { UserError } from "../errors.ts";
import { exists } from "../files/index.ts";
import { at } from "../lookup.ts";
import { catalogued } from "../networks/index.ts";
import {
  type AnyRecipe,
  autosize,
  type Choice,
  choiceOf,
  hasNetwork,
  type OwnParts,
  override,
  partsWith,
  type Recipe,
  resolveRecipe,
} from "../recipe/index.ts";
import { paths, zooTensors } from "../run/index.ts";
import { networkZoo } from "./collect/network-files.ts";
import { ownZoo, type ZooFiles } from "./collect/zoo-files.ts";
import { chosenTensors, classifierOf } from "./context.ts";
import { type MetricPlan, type Plan, type PlanOptions, planMetric, planRun } from "./plan.ts";

/**
 * A user's own checkpoints, and what is known of them.
 * @category Options of the verbs
 */
export interface OwnCheckpointsOptions extends OwnParts {
  /** Paths, folders or patterns such as `ckpts/*.pth`. */
  readonly checkpoints: string | readonly string[];
  /** Which network of each file, where it holds several; the usual one by default. */
  readonly key?: string | undefined;
  /** Which tensors to generate, as in a recipe; all by default. */
  readonly select?: string | readonly string[] | undefined;
  /** The recipe's name; that of the checkpoints' folder by default. */
  readonly name?: string | undefined;
  /** Checkpoints held out for the audit; about one in five by default. */
  readonly heldOut?: number | undefined;
  /** The checkpoint that provides all other tensors; the first by default. */
  readonly like?: string | undefined;
  /** A classifier's ONNX file, or the name of one of this project's networks. Needs `data`. */
  readonly network?: string | undefined;
  /** The name of a data set, or a folder of images. */
  readonly data?: string | undefined;
  /** A command with `{checkpoint}` in it that prints the score of a checkpoint. */
  readonly command?: string | undefined;
  readonly metric?: string | undefined;
  readonly better?: "higher" | "lower" | undefined;
  /** `key=value`, which override all choices. */
  readonly overrides?: readonly string[];
}

/** A recipe, the reasons of its choices, and its plan. */
export interface OwnCheckpoints {
  readonly recipe: AnyRecipe;
  readonly choices: readonly Choice[];
  readonly plan: Plan | MetricPlan;
  /** Remarks about the files, in sentences. */
  readonly notes: readonly string[];
  /** Remarks that concern what is measured, in sentences. */
  readonly warnings: readonly string[];
}

/** Networks sampled by default. */
const SAMPLES = 50;

/** Below the first number of files none is held out; below the second, the fewest for a verdict. */
const FEW_FILES = 6;
const SOME_FILES = 15;
const MIN_HELD_OUT = 3;
const MAX_HELD_OUT = 50;

/** How many files are held out by default. */
function usualHeldOut(files: number): number {
  if (files < FEW_FILES) return 0;
  return files < SOME_FILES ? MIN_HELD_OUT : Math.min(MAX_HELD_OUT, Math.round(files / 5));
}

/**
 * Makes a recipe for checkpoints.
 * @throws UserError when there are no such files, they are of several networks, the selection is
 *   empty, or the recipe is not valid.
 */
export async function recipeForCheckpoints(options: OwnCheckpointsOptions): Promise<OwnCheckpoints> {
  const { overrides = [] } = options;
  const parts = partsWith(options);
  // The user's values override chosen sizes; with a preset of the user's no sizes are chosen.
  const said = overrides.reduce(override, {} as Record<string, unknown>);
  const resolved = (files: readonly string[], base: Readonly<Record<string, unknown>>): AnyRecipe => {
    const tree = { ...treeOf(options, files), ...base };
    return resolveRecipe([...choiceOf(options), ...overrides].reduce(override, tree), "these checkpoints", parts);
  };
  // Which files are copies is known only once it is known which tensors are generated.
  const draft = resolved(await checkpointFiles(options.checkpoints), { preset: "linear" });
  const zoo = await zooOf(draft);
  const { layout, notes, warnings } = zoo;
  const first = resolved(zoo.files, { preset: "linear" });
  const sized =
    said.preset === undefined
      ? autosize({
          parameters: layout.size,
          count: first.zoo.count,
          heldOut: first.zoo.heldOut,
          tensors: layout.entries.length,
          autoencoder: options.autoencoder,
        })
      : { recipe: { preset: said.preset }, choices: [] };
  const recipe = resolved(zoo.files, sized.recipe);
  return {
    recipe,
    choices: [...sized.choices, ...(hasNetwork(recipe) ? seen(recipe) : [])],
    plan: await (hasNetwork(recipe) ? planRun(recipe, { parts }) : planMetric(recipe, layout, { parts })),
    notes,
    warnings,
  };
}

/** What a recipe says of checkpoints, before sizes are chosen. */
function treeOf(options: OwnCheckpointsOptions, files: readonly string[]) {
  const { checkpoints, select = "all", key, like, command, metric, better } = options;
  const heldOut = options.heldOut ?? usualHeldOut(files.length);
  const count = files.length - heldOut;
  if (count < 2)
    throw new UserError(
      "E_CHECKPOINT",
      `${files.length} checkpoints, ${heldOut} of them held out, leave ${count} to learn from, expected at least 2; give more files`,
    );
  const zoo = {
    kind: "files",
    files: absolute(checkpoints),
    ...defined({ key }),
    count,
    heldOut,
    select: Array.isArray(select) ? [...select] : select,
  };
  return {
    name: options.name ?? nameFrom(at(files, 0)),
    ...(options.network === undefined
      ? { zoo: { ...zoo, ...(like !== undefined && { like: resolve(like) }) } }
      : { zoo, ...evaluatedBy(options, files) }),
    ...((command ?? metric ?? better) !== undefined && { measure: { ...defined({ command, metric, better }) } }),
    sample: { count: SAMPLES },
  };
}

/** The files of a recipe, and the tensors that it generates. */
export async function zooOf(recipe: AnyRecipe): Promise<ZooFiles> {
  if (!hasNetwork(recipe)) return ownZoo(recipe.zoo);
  const network = classifierOf(recipe);
  return networkZoo(recipe, { network, chosen: chosenTensors(recipe, network) });
}

/** The choice of how an exported network's images are normalised, which only its owner knows. */
export function seen({ network, data: { normalise } }: Recipe): Choice[] {
  if (network.name !== "onnx" || normalise !== "own") return [];
  return [
    {
      key: "data.normalise",
      value: normalise,
      reason:
        "pixels less the data set's mean, over its standard deviation; none where the model does that itself, imagenet or { mean, std } where it was trained otherwise",
    },
  ];
}

/** Plans a run in a folder. Without a network: from its zoo if it has one, else from its files. */
export async function planFolder(
  recipe: AnyRecipe,
  folder: string,
  options: PlanOptions = {},
): Promise<Plan | MetricPlan> {
  if (hasNetwork(recipe)) return planRun(recipe, options);
  const p = paths(folder);
  if (await exists(p.zooIndex)) return planMetric(recipe, await zooTensors(recipe, p), options);
  const { layout } = await ownZoo(recipe.zoo);
  return planMetric(recipe, layout, options);
}

/** The selection split is a tenth of the training images, and at most this many. */
const MAX_SELECTION = 1000;

/** Network, data and base of a recipe whose networks can be run here. */
export function evaluatedBy(
  { network, data, like, key }: Pick<OwnCheckpointsOptions, "network" | "data" | "like" | "key">,
  files: readonly string[],
) {
  if (network === undefined || data === undefined)
    throw new UserError("E_USAGE", "a network needs data to be evaluated on; give --data, such as --data cifar-10");
  const images = existsSync(data) ? { name: "folder", folder: resolve(data) } : { name: data };
  const shape = dataShape({ ...images, selection: 1, pad: 0, root: dataRoot(), seed: 1 });
  const isFile = extname(network) === ".onnx" || existsSync(network);
  return {
    network: isFile ? { name: "onnx", file: resolve(network) } : { name: catalogued(network).base },
    data: { ...images, selection: Math.min(MAX_SELECTION, Math.ceil((shape.train + 1) / 10)) },
    base: {
      // An exported network has its own values; one of ours takes those of a checkpoint.
      weights: resolve(like ?? (isFile ? network : at(files, 0))),
      ...(isFile && like === undefined ? {} : defined({ key })),
      epochs: 0,
      batch: 128,
      lr: 1e-3,
      optimiser: "sgd",
      schedule: "constant",
    },
  };
}

/** Patterns that mean the same in every working folder. */
export const absolute = (patterns: string | readonly string[]): string | string[] =>
  typeof patterns === "string" ? resolve(patterns) : patterns.map((pattern) => resolve(pattern));

/** An object without what is undefined. */
export const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** A recipe's name from the folder of its files. */
export function nameFrom(file: string): string {
  const name = basename(dirname(resolve(file)))
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "");
  return name === "" ? "checkpoints" : name.slice(0, 100);
}
