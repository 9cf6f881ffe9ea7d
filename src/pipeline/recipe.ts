/**
 * Recipes: an experiment as one small YAML file. A recipe is laid over its preset, the command line's `key=value` over
 * both, and the result must fit the schema below: what is unknown, mistyped or impossible is an error before anything
 * runs. The resolved recipe holds every value and can be run again as it is.
 */
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";

import { parse, stringify } from "yaml";
import { z } from "zod";

import { dataSetNames } from "../data/index.ts";
import { normalisationModes } from "../diffusion/index.ts";
import { suggestion, UserError } from "../errors.ts";
import { networkNames } from "../networks/index.ts";
import { deviceNames } from "../runtime/index.ts";
import { presetNames, presets } from "./presets.ts";

const count = z.int().min(1);
const fraction = z.number().min(0).max(1);
const positive = z.number().positive();

/** `adam` may stand for `{ type: adam }`. */
const shorthand = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === "string" ? { type: value } : value), schema);

const betas = z.tuple([fraction, fraction]).default([0.9, 0.999]);
const weightDecay = z.number().min(0).default(0);
const optimiser = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("sgd"),
      momentum: fraction.default(0.9),
      nesterov: z.boolean().default(false),
      weightDecay,
    }),
    z.strictObject({ type: z.literal("adam"), betas, weightDecay }),
    z.strictObject({ type: z.literal("adamw"), betas, weightDecay }),
  ]),
);

const warmup = z.int().min(0).default(0);
const schedule = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("constant"), warmup }),
    z.strictObject({ type: z.literal("cosine"), floor: fraction.default(0), warmup }),
    z.strictObject({ type: z.literal("multi-step"), milestones: z.array(fraction), factor: positive, warmup }),
  ]),
);

const training = z.strictObject({ steps: count, batch: count, lr: positive, optimiser, schedule });

const mlp = z.strictObject({ name: z.literal("mlp"), hidden: z.array(count).default([64, 32]) });
const cnn = z.strictObject({
  name: z.literal("cnn"),
  channels: z.array(count).min(1).default([16, 32, 15]),
  kernel: count.default(3),
  hidden: z.array(count).default([20]),
  colour: z.boolean().default(true),
});

const noise = z.strictObject({
  parameters: z.number().min(0),
  latent: z.number().min(0),
  mode: z.enum(["add", "blend"]),
});
const odd = z
  .int()
  .min(1)
  .refine((n) => n % 2 === 1, "expected an odd number");
/** The least variance between checkpoints that an autoencoder must explain for the run to go on. */
const gate = z.number().max(1).default(0.2);
const autoencoder = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("conv"),
    channels: z.array(count).min(1),
    kernel: odd,
    stride: z.int().min(2),
    latent: count,
    noise,
    training,
    gate,
  }),
  z.strictObject({
    type: z.literal("v1"),
    encoder: count,
    decoder: z.array(count).length(4),
    fold: odd,
    noise,
    training,
    gate,
  }),
  z.strictObject({ type: z.literal("linear"), latent: count, gate }),
]);

const beta = z.number().gt(0).lt(1);
const clip = positive.nullable();
const diffusion = z.strictObject({
  process: z.strictObject({ steps: count, betaStart: beta, betaEnd: beta }),
  standardise: z.boolean(),
  denoiser: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("mlp"), width: count, blocks: count }),
    z.strictObject({ type: z.literal("v1"), channels: z.array(count).min(1), kernel: odd }),
  ]),
  ema: fraction.nullable(),
  training,
});

const sampler = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ddpm"),
    variance: z.enum(["large", "posterior"]).default("posterior"),
    clip: clip.default(null),
  }),
  z.strictObject({
    type: z.literal("ddim"),
    steps: count.default(60),
    eta: fraction.default(0),
    clip: clip.default(null),
  }),
]);

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(/^\w[\w.-]*$/, "expected letters, digits, '.', '-' and '_', beginning with a letter or digit"),
    seed: z.int().min(0).default(1),
    device: z.strictObject({ name: z.enum(deviceNames).default("cpu"), threads: count.default(1) }).prefault({}),
    data: z.strictObject({
      name: z.enum(dataSetNames as [string, ...string[]]),
      /** Images set apart from the training split: they may choose, the test split only reports. */
      selection: count,
      pad: z.int().min(0).default(0),
      train: count.optional(),
      test: count.optional(),
    }),
    network: z.discriminatedUnion("name", [mlp, cnn]),
    base: z.strictObject({ epochs: count, batch: count, lr: positive, optimiser, schedule }),
    zoo: z.strictObject({
      /** `trajectory`: go on training the base network and save on the way. `seeds`: as many separate trainings. */
      kind: z.enum(["trajectory", "seeds"]).default("trajectory"),
      count: z.int().min(2),
      select: z.union([z.string(), z.array(z.string())]).default("all"),
      every: z.enum(["step", "epoch"]).default("step"),
      batch: count.default(128),
      lr: positive.default(1e-3),
      optimiser: optimiser.default({ type: "adam", betas: [0.9, 0.999], weightDecay: 0 }),
      schedule: schedule.default({ type: "constant", warmup: 0 }),
      /** A run folder whose base network and zoo to take over, made with the same settings up to here. */
      reuse: z.string().optional(),
    }),
    preset: z.enum(presetNames).default("small"),
    normalisation: z.enum(normalisationModes),
    autoencoder,
    diffusion,
    sample: z.strictObject({ count: count.default(200), sampler }),
    evaluate: z
      .strictObject({
        batch: count.default(250),
        /** How many checkpoints to encode, decode and evaluate. */ reconstructions: count.default(50),
      })
      .prefault({}),
  })
  .check(({ value, issues }) => {
    const object = (path: string[], message: string, input: unknown) =>
      issues.push({ code: "custom", path, message, input });
    const { sampler: s } = value.sample;
    if (s.type === "ddim" && s.steps > value.diffusion.process.steps) {
      object(
        ["sample", "sampler", "steps"],
        `more steps than the diffusion has (T = ${value.diffusion.process.steps}); lower it or raise diffusion.process.steps`,
        s.steps,
      );
    }
    if (value.diffusion.process.betaEnd < value.diffusion.process.betaStart) {
      object(
        ["diffusion", "process", "betaEnd"],
        `must not lie below betaStart (${value.diffusion.process.betaStart})`,
        value.diffusion.process.betaEnd,
      );
    }
    if (value.zoo.kind === "seeds" && value.zoo.select !== "all") {
      object(
        ["zoo", "select"],
        "separate trainings share no frozen part, so all tensors must be generated; use select: all or kind: trajectory",
        value.zoo.select,
      );
    }
  });

/** A resolved recipe: every value is there. */
export type Recipe = z.output<typeof schema>;

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/** `over` laid over `under`. Where `type` (of a network, `name`) changes the kind of thing, nothing of the old kind is kept. */
function merge(under: unknown, over: unknown, key = ""): unknown {
  if (over === undefined) return under;
  if (!isTree(under) || !isTree(over)) return over;
  const tag = key === "network" ? "name" : "type";
  if (under[tag] !== undefined && over[tag] !== undefined && under[tag] !== over[tag]) return over;
  const keys = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((k) => [k, merge(under[k], over[k], k)]));
}

/** Sets `a.b.c=value`, the value read as YAML. */
function override(tree: Tree, assignment: string): Tree {
  const at = assignment.indexOf("=");
  const path = assignment.slice(0, at).split(".");
  if (at < 1 || path.some((part) => !/^\w+$/.test(part))) {
    throw new UserError("E_USAGE", `expected key=value, as in sample.count=50, got ${JSON.stringify(assignment)}`);
  }
  let value: unknown;
  try {
    value = parse(assignment.slice(at + 1));
  } catch {
    throw new UserError("E_USAGE", `the value of ${JSON.stringify(assignment)} is not YAML; quote it`);
  }
  return merge(
    tree,
    path.reduceRight<unknown>((inner, part) => Object.fromEntries([[part, inner]]), value),
  ) as Tree;
}

type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
};

/** The keys that may stand at a path, for suggestions. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const below = (nodes: JsonSchema[]): JsonSchema[] =>
    nodes.flatMap((n) => [n, ...below(n.anyOf ?? []), ...below(n.oneOf ?? [])]);
  let nodes = below([z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema]);
  for (const part of path) nodes = below(nodes.flatMap((n) => n.properties?.[String(part)] ?? []));
  return [...new Set(nodes.flatMap((n) => Object.keys(n.properties ?? {})))];
}

function explain(issue: z.core.$ZodIssue, input: unknown): string {
  const where = issue.path.join(".");
  const got = issue.path.reduce<unknown>((value, part) => (value as Tree | undefined)?.[String(part)], input);
  const shown = got === undefined ? "nothing" : JSON.stringify(got);
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(issue.path);
      return issue.keys
        .map((key) => `unknown key ${[...issue.path, key].join(".")}.${suggestion(key, known)}`)
        .join(" ");
    }
    case "invalid_value":
      return `${where}: unknown value ${shown}.${suggestion(String(got), issue.values.map(String))}`;
    case "invalid_union": {
      const options = issue.discriminator === undefined ? [] : optionsOf(issue);
      return options.length > 0
        ? `${where}: unknown value ${shown}.${suggestion(String(got), options)}`
        : `${where}: got ${shown}, which fits none of the forms allowed here`;
    }
    case "invalid_type":
      return got === undefined
        ? `${where} is missing (expected ${issue.expected})`
        : `${where}: expected ${issue.expected}, got ${shown}`;
    case "too_small":
      return `${where}: expected at least ${issue.minimum}${issue.origin === "array" ? " entries" : ""}${issue.inclusive === false ? " (and more than that)" : ""}, got ${shown}`;
    case "too_big":
      return `${where}: expected at most ${issue.maximum}${issue.inclusive === false ? " (and less than that)" : ""}, got ${shown}`;
    default:
      return `${where}: ${issue.message} (got ${shown})`;
  }
}

/** The discriminator's values of a union that failed. */
function optionsOf(issue: Extract<z.core.$ZodIssue, { code: "invalid_union" }>): string[] {
  const known: Record<string, readonly string[]> = {
    "network.name": networkNames,
    "autoencoder.type": ["conv", "v1", "linear"],
    "diffusion.denoiser.type": ["mlp", "v1"],
    "sample.sampler.type": ["ddpm", "ddim"],
  };
  const last = String(issue.path.at(-1));
  if (last === "type" && issue.path.includes("optimiser")) return ["sgd", "adam", "adamw"];
  if (last === "type" && issue.path.includes("schedule")) return ["constant", "cosine", "multi-step"];
  return [...(known[issue.path.join(".")] ?? [])];
}

/**
 * Resolves a recipe given as a tree.
 * @param source where it came from, for messages.
 * @throws UserError `E_CONFIG` naming every mistake.
 */
export function resolveRecipe(tree: unknown, source: string): Recipe {
  if (!isTree(tree))
    throw new UserError(
      "E_CONFIG",
      `${source}: expected a recipe (keys and values in YAML), got ${JSON.stringify(tree)?.slice(0, 40)}`,
    );
  const preset = tree.preset ?? "small";
  const known = presetNames.find((name) => name === preset);
  if (known === undefined)
    throw new UserError(
      "E_CONFIG",
      `${source}: unknown preset ${JSON.stringify(preset)}.${suggestion(String(preset), presetNames)}`,
    );
  const whole = merge(presets[known], { ...tree, preset: known });
  const result = schema.safeParse(whole);
  if (result.success) return result.data;
  throw new UserError("E_CONFIG", `${source}: ${result.error.issues.map((issue) => explain(issue, whole)).join("; ")}`);
}

/**
 * Reads a recipe.
 * @param path a YAML file. Its name without ending is the recipe's, unless it says another.
 * @param overrides `key=value` assignments laid over it.
 * @throws UserError `E_CONFIG` when the file is missing, no YAML, or says something that is not allowed.
 */
export async function loadRecipe(path: string, overrides: readonly string[] = []): Promise<Recipe> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new UserError(
      "E_CONFIG",
      `cannot read recipe ${path} (${(error as NodeJS.ErrnoException).code}); give the path of a YAML file such as recipes/glyphs-cnn.yaml`,
      { cause: error },
    );
  }
  let tree: unknown;
  try {
    tree = parse(text);
  } catch (error) {
    throw new UserError("E_CONFIG", `${path} is not YAML: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  }
  if (!isTree(tree)) return resolveRecipe(tree, path);
  const named = { name: basename(path, extname(path)), ...tree };
  return resolveRecipe(
    overrides.reduce(override, named),
    overrides.length === 0 ? path : `${path} with ${overrides.join(" ")}`,
  );
}

/** The resolved recipe as YAML. */
export const recipeText = (recipe: Recipe): string => stringify(recipe);
