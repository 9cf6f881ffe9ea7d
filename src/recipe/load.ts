/**
 * Loads recipes: an experiment as one small YAML file. A recipe overrides the recipes that it
 * extends, these override their preset, and the command line's `key=value` override all. The result
 * must fit the schema, so unknown keys and wrong values are errors before anything runs. The
 * resolved recipe holds every value and can be run again as it is.
 */

import { basename, dirname, extname, isAbsolute, join, normalize } from "node:path";
import { stringify } from "yaml";
import { defaultsOf, type Part } from "../diffusion/index.ts";
import { suggestion, UserError } from "../errors.ts";
import { type ReadProblem, readProblem, readRegular } from "../files/index.ts";
import { lookUp } from "../networks/index.ts";
import { explain } from "./explain.ts";
import { builtInParts, type Parts } from "./parts.ts";
import { presetNames, presets } from "./presets.ts";
import {
  type AnyRecipe,
  hasNetwork,
  metricRecipeSchema,
  metricSchema,
  type Recipe,
  recipeSchema,
  schema,
} from "./schema.ts";
import { canonicalKey, withCanonicalKeys, withOwnSpelling } from "./spelling.ts";
import { parseYaml } from "./yaml.ts";

export type { AnyRecipe, MetricRecipe, Recipe } from "./schema.ts";
export { hasNetwork } from "./schema.ts";

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Merges two trees; values of `over` win. If `type` (of a network, `name`) differs, nothing of
 * `under` is kept. Text under a tree is its type.
 */
function merge(under: unknown, over: unknown, key = ""): unknown {
  if (over === undefined) return under;
  if (typeof under === "string" && isTree(over)) return { type: under, ...over };
  if (!isTree(under) || !isTree(over)) return over;
  const tag = key === "network" ? "name" : "type";
  if (under[tag] !== undefined && over[tag] !== undefined && under[tag] !== over[tag]) return over;
  const keys = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((k) => [k, merge(under[k], over[k], k)]));
}

/** A network under the name of the schema: `vit_b_16` of torchvision is `vit_base_patch16_224`. */
function withKnownName(network: unknown): unknown {
  if (!isTree(network) || typeof network.name !== "string") return network;
  return { ...network, name: lookUp(network.name)?.base ?? network.name };
}

/** Makes an exported network start from its own values, unless the recipe gives others. */
function withOwnWeights(tree: Tree): Tree {
  const { network, base } = tree;
  const file = isTree(network) && network.name === "onnx" ? network.file : undefined;
  if (file === undefined || !isTree(base) || base.weights !== undefined) return tree;
  return { ...tree, base: { ...base, weights: file } };
}

/** The most checkpoints that are held out by default. */
const MAX_HELD_OUT = 50;

/** Fills in how many checkpoints to hold out: one for every four of the zoo. */
function withHeldOut(tree: Tree): Tree {
  const { zoo } = tree;
  if (!isTree(zoo) || zoo.heldOut !== undefined) return tree;
  const { count } = zoo;
  const heldOut = typeof count === "number" && count > 0 ? Math.min(MAX_HELD_OUT, Math.ceil(count / 4)) : 0;
  return { ...tree, zoo: { ...zoo, heldOut } };
}

/** A part of a generator laid over its own defaults. */
function overDefaults(parts: readonly Part[], options: unknown): unknown {
  const part = isTree(options) ? parts.find(({ type }) => type === options.type) : undefined;
  if (part === undefined || !isTree(options)) return options;
  return merge({ type: part.type, ...defaultsOf(part) }, withOwnSpelling(options, Object.keys(part.options)));
}

/** A recipe whose autoencoder, denoiser and sampler are laid over their own defaults. */
function withPartDefaults(tree: Tree, { autoencoders, denoisers, samplers }: Parts): Tree {
  const { autoencoder, diffusion, sample } = tree;
  return {
    ...tree,
    ...(isTree(sample) &&
      sample.sampler !== undefined && { sample: { ...sample, sampler: overDefaults(samplers, sample.sampler) } }),
    ...(autoencoder !== undefined && { autoencoder: overDefaults(autoencoders, autoencoder) }),
    ...(isTree(diffusion) && {
      diffusion: { ...diffusion, denoiser: overDefaults(denoisers, diffusion.denoiser) },
    }),
  };
}

/** The most keys that lead to a replaced value, and characters of it that a message shows. */
const MAX_LEVELS = 16;
const MAX_SHOWN = 200;

/**
 * Applies `a.b.c=value` to a tree; the value is read as YAML, and keys in either spelling.
 * @throws UserError `E_USAGE` when the assignment has another form.
 */
export function override(tree: Tree, assignment: string): Tree {
  const at = assignment.indexOf("=");
  const path = assignment.slice(0, at).split(".");
  if (at < 1 || path.some((part) => !/^[\w-]+$/.test(part))) {
    throw new UserError("E_USAGE", `expected key=value, as in sample.count=50, got ${JSON.stringify(assignment)}`);
  }
  if (path.length > MAX_LEVELS)
    throw new UserError(
      "E_USAGE",
      `${assignment.slice(0, 40)}… names ${path.length} keys, expected at most ${MAX_LEVELS}`,
    );
  let value: unknown;
  try {
    value = parseYaml(assignment.slice(at + 1));
  } catch (error) {
    throw new UserError(
      "E_USAGE",
      `the value of ${JSON.stringify(assignment.slice(0, MAX_SHOWN))} is not YAML (${(error as Error).message}); check its brackets and quotes`,
    );
  }
  const given = path.reduceRight<unknown>(
    (inner, part) => Object.fromEntries([[canonicalKey(part), inner]]),
    withCanonicalKeys(value),
  );
  return merge(tree, given) as Tree;
}

/** Whether a recipe has files of checkpoints, but no network that could run them. */
const hasNoNetwork = ({ network, data, zoo }: Tree): boolean =>
  network === undefined && data === undefined && isTree(zoo) && zoo.kind === "files";

/** The schema of a kind of recipe, made again only for parts other than this package's. */
function schemaFor(tree: Tree, parts: Parts) {
  if (hasNoNetwork(tree)) return parts === builtInParts ? metricSchema : metricRecipeSchema(parts);
  return parts === builtInParts ? schema : recipeSchema(parts);
}

/**
 * Resolves a recipe.
 * @param given its tree; keys may be in British or American spelling.
 * @param source where it came from, for messages.
 * @param parts what it may choose from; the parts of this package by default.
 * @throws UserError `E_CONFIG` naming every mistake.
 */
export function resolveRecipe(given: unknown, source: string, parts: Parts = builtInParts): AnyRecipe {
  const tree = withCanonicalKeys(given);
  if (!isTree(tree)) {
    const got = tree === null || tree === undefined ? "nothing" : JSON.stringify(tree).slice(0, 40);
    throw new UserError("E_CONFIG", `${source}: expected a recipe (keys and values in YAML), got ${got}`);
  }
  const preset = tree.preset ?? "small";
  const known = presetNames.find((name) => name === preset);
  if (known === undefined)
    throw new UserError(
      "E_CONFIG",
      `${source}: unknown preset ${JSON.stringify(preset)}.${suggestion(String(preset), presetNames)}`,
    );
  const named = tree.network === undefined ? tree : { ...tree, network: withKnownName(tree.network) };
  const merged = merge(presets[known], { ...named, preset: known }) as Tree;
  const whole = withPartDefaults(withOwnWeights(withHeldOut(merged)), parts);
  const kind = schemaFor(whole, parts);
  const result = kind.safeParse(whole);
  if (result.success) return result.data;
  throw new UserError("E_CONFIG", `${source}: ${explain(result.error.issues, whole, kind)}`);
}

/**
 * A recipe whose networks can be run here.
 * @param what needs them, for the message.
 * @throws UserError `E_CONFIG` where they cannot.
 */
export function requireNetwork(recipe: AnyRecipe, what: string): Recipe {
  if (hasNetwork(recipe)) return recipe;
  throw new UserError(
    "E_CONFIG",
    `${recipe.name} names no network, and ${what} needs one; give it with --network and --data, or network and data in the recipe`,
  );
}

/** Bytes of a recipe, at most. It takes a few kilobytes; what is larger is another file. */
const MAX_RECIPE_BYTES = 2 ** 16;

/** Bytes of a run's own recipe, at most: it may list as many files as a command line. */
const MAX_RUN_RECIPE_BYTES = 2 ** 22;

/** The text of a recipe file. */
async function readText(path: string, most: number): Promise<string> {
  const refuse = (
    { problem, advice = "give the path of a YAML file, or a name that pdiff recipes lists" }: ReadProblem,
    cause: unknown,
  ) => new UserError("E_CONFIG", `cannot read recipe ${path}: ${problem}; ${advice}`, { cause });
  try {
    return (await readRegular(path, most)).toString("utf8");
  } catch (error) {
    const found = readProblem(error);
    throw found === undefined ? error : refuse(found, error);
  }
}

/** How deep recipes may extend one another. */
const MAX_DEPTH = 8;

/** Recipes that one recipe extends, with those that they extend, at most. */
const MAX_FILES = 64;

/** What reading a recipe with those that it extends needs. */
interface Reading {
  /** Bytes of the recipe itself, at most. */
  readonly most: number;
  /** What was read so far, by path: a file is read once, however often it is extended. */
  readonly known: Map<string, unknown>;
}

/** The content of one file. */
async function readOne(path: string, most: number): Promise<unknown> {
  const text = await readText(path, most);
  try {
    return withCanonicalKeys(parseYaml(text));
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.code, `${path}: ${error.message}`, { cause: error });
    throw new UserError("E_CONFIG", `${path} is not YAML: ${(error as Error).message}; correct it there`, {
      cause: error,
    });
  }
}

/**
 * The content of a recipe file, merged over the recipes that it extends; later ones win.
 * @param chain the files that extended this one, the first one first.
 */
async function readTree(path: string, reading: Reading, chain: readonly string[] = []): Promise<unknown> {
  const { known } = reading;
  const name = normalize(path);
  if (known.has(name)) return known.get(name);
  if (known.size === MAX_FILES)
    throw new UserError("E_CONFIG", `${path}: extends: more than ${MAX_FILES} recipes extend one another; use fewer`);
  const tree = await readOne(path, chain.length === 0 ? reading.most : MAX_RECIPE_BYTES);
  known.set(name, tree);
  if (!isTree(tree) || tree.extends === undefined) return tree;
  const { extends: named, ...own } = tree;
  const parents = Array.isArray(named) ? named : [named];
  if (!parents.every((parent) => typeof parent === "string"))
    throw new UserError("E_CONFIG", `${path}: extends: expected the path of a recipe, or a list of them`);
  if (parents.length > MAX_FILES)
    throw new UserError("E_CONFIG", `${path}: extends: lists ${parents.length} recipes, expected at most ${MAX_FILES}`);
  let whole: unknown = {};
  for (const parent of parents) {
    const file = normalize(isAbsolute(parent) ? parent : join(dirname(path), parent));
    const way = [...chain, path];
    if (way.map(normalize).includes(file) || way.length > MAX_DEPTH)
      throw new UserError("E_CONFIG", `${path}: extends: is circular: ${[...way, file].join(" → ")}`);
    const below = await readTree(file, reading, way).catch((error) => {
      throw error instanceof UserError && chain.length === 0
        ? new UserError(error.code, `${path}: extends: ${error.message}`, { cause: error })
        : error;
    });
    if (!isTree(below)) throw new UserError("E_CONFIG", `${path}: extends: ${file} holds no recipe (keys and values)`);
    whole = merge(whole, below);
  }
  const merged = merge(whole, own);
  known.set(name, merged);
  return merged;
}

/**
 * Reads a recipe.
 * @param path a YAML file; by default its name without extension is the recipe's name.
 * @param overrides `key=value` assignments that override it.
 * @param parts what it may choose from; the parts of this package by default.
 * @throws UserError `E_CONFIG` when the file is missing, is no YAML or does not fit the schema.
 * @category Recipes and devices
 */
export async function loadRecipe(
  path: string,
  overrides: readonly string[] = [],
  parts: Parts = builtInParts,
): Promise<AnyRecipe> {
  return resolveFile(path, overrides, { parts, most: MAX_RECIPE_BYTES });
}

/**
 * Reads the recipe of a run, which this program wrote.
 * @param config its file.
 * @param parts what it may choose from; the parts of this package by default.
 * @param overrides `key=value` assignments that override it.
 * @throws UserError as `loadRecipe`.
 */
export const loadRunRecipe = (
  config: string,
  parts: Parts = builtInParts,
  overrides: readonly string[] = [],
): Promise<AnyRecipe> => resolveFile(config, overrides, { parts, most: MAX_RUN_RECIPE_BYTES });

async function resolveFile(
  path: string,
  overrides: readonly string[],
  { parts, most }: { readonly parts: Parts; readonly most: number },
): Promise<AnyRecipe> {
  const tree = await readTree(path, { most, known: new Map() });
  if (!isTree(tree)) return resolveRecipe(tree, path, parts);
  const named = { name: basename(path, extname(path)), ...tree };
  return resolveRecipe(
    overrides.reduce(override, named),
    overrides.length === 0 ? path : `${path} with ${overrides.join(" ")}`,
    parts,
  );
}

/** The resolved recipe as YAML. */
export const recipeText = (recipe: AnyRecipe): string => stringify(recipe);
