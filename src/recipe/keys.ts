/**
 * The keys of recipes as their schemas describe them: what each means, its type, range and default.
 * Help, the reference page and hints are made of them.
 */
import { z } from "zod";
import { get } from "../lookup.ts";
import { presetNames, presets } from "./presets.ts";
import { metricSchema, schema } from "./schema.ts";
import { canonicalKey } from "./spelling.ts";

/** What a key is in some variants of its section: `autoencoder.latent` of `type: conv`. */
export interface KeyVariant {
  /** The variant, such as `type: conv, tokens`; undefined where the key is the same in all. */
  readonly of?: string;
  readonly meaning: string;
  /** `whole number`, `text`, `list of numbers`, `section` … */
  readonly type: string;
  /** Bounds of a number, such as `at least 1, at most 100`. */
  readonly range?: string;
  /**
   * The default in YAML's flow style. `preset` where the preset sets it, `filled in` where reading
   * the recipe does, `required` or `none` where there is none.
   */
  readonly default: string;
}

/** A value that a key may have. */
export interface KeyChoice {
  readonly value: string;
  readonly meaning?: string;
}

/** A key of a recipe. */
export interface RecipeKey {
  /** `zoo.count`. */
  readonly path: string;
  readonly meaning: string;
  /** Whether it holds other keys. */
  readonly isSection: boolean;
  readonly variants: readonly KeyVariant[];
  /** Its values, where they are known. */
  readonly choices: readonly KeyChoice[];
  /** What the presets set it to, in YAML's flow style; empty where they leave it. */
  readonly presets: readonly { readonly preset: string; readonly value: string }[];
}

/** The parts of a JSON Schema that zod writes, or that are added for editors. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly title?: string;
  /** Whether text stands for the section with that `type`. */
  readonly shorthand?: boolean;
  /** For editors: known, but not to be suggested. */
  readonly doNotSuggest?: boolean;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** A zod schema of what one may write, as JSON Schema. */
export const jsonSchemaOf = (type: z.ZodType): JsonSchema =>
  z.toJSONSchema(type, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema: { _zod: of }, jsonSchema }) {
      // Zod leaves out defaults of what is transformed, which are of its output. Ours fit both.
      if (of.def.type === "default" || of.def.type === "prefault") jsonSchema.default ??= defaultValueOf(of.def);
    },
  }) as JsonSchema;

const defaultValueOf = (def: object) =>
  (def as { readonly defaultValue: z.core.JSONSchema.BaseSchema["default"] }).defaultValue;

/** A key in one variant of the objects around it. */
interface Place {
  readonly node: JsonSchema;
  readonly isRequired: boolean;
  /** The values of the keys that choose the variant, by path. */
  readonly chosen: ReadonlyMap<string, string>;
}

/** Keys that choose a variant. */
const TAGS = ["type", "name", "objective"];

const variantsOf = ({ anyOf = [], oneOf = [] }: JsonSchema): readonly JsonSchema[] => [...anyOf, ...oneOf];

/** Adds the keys below a node to `places`, in the order of the schema. */
function collect(node: JsonSchema, path: string, chosen: Place["chosen"], places: Map<string, Place[]>): void {
  for (const variant of variantsOf(node)) collect(variant, path, chosen, places);
  const { properties = {}, required = [] } = node;
  const below = (key: string) => (path === "" ? key : `${path}.${key}`);
  const tag = TAGS.find((key) => properties[key]?.const !== undefined);
  const now = tag === undefined ? chosen : new Map([...chosen, [below(tag), String(properties[tag]?.const)]]);
  for (const [key, inner] of Object.entries(properties)) {
    const place = { node: inner, isRequired: required.includes(key), chosen: now };
    places.set(below(key), [...(places.get(below(key)) ?? []), place]);
    collect(inner, below(key), now, places);
  }
}

/** A number as one writes it: `1e6` and `1e-4` have exponents. */
const showNumber = (n: number): string =>
  n !== 0 && (Math.abs(n) >= 1e6 || Math.abs(n) < 1e-3)
    ? n.toExponential().replace("e+", "e")
    : String(Number(n.toPrecision(9)));

/** A value in YAML's flow style. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(", ")}]`;
  if (typeof value === "number") return showNumber(value);
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${showValue(inner)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

const TYPES: Readonly<Record<string, readonly [one: string, several: string]>> = {
  integer: ["whole number", "whole numbers"],
  number: ["number", "numbers"],
  string: ["text", "texts"],
  boolean: ["true or false", "booleans"],
  null: ["null", "nulls"],
  object: ["section", "sections"],
};

function typeOf(node: JsonSchema): string {
  const variants = variantsOf(node);
  if (variants.length > 0) return [...new Set(variants.map(typeOf))].join(", or ");
  if (node.const !== undefined) return "choice";
  if (node.enum !== undefined) return "choice";
  if (node.prefixItems !== undefined) return `list of ${node.prefixItems.length} numbers`;
  if (node.type === "array") return `list of ${severalOf(node.items ?? {})}`;
  const types = [node.type ?? ""].flat().map((type) => TYPES[type]?.[0] ?? "any value");
  return types.join(", or ");
}

const severalOf = (node: JsonSchema): string =>
  node.enum === undefined ? (TYPES[String(node.type)]?.[1] ?? "values") : "choices";

/** Whether a bound says more than that whole numbers must be exact. */
const isBound = (n: number | undefined): n is number => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;

function rangeOf(node: JsonSchema): string | undefined {
  const numbers = [node, ...variantsOf(node)].find((each) => each.type === "integer" || each.type === "number");
  if (numbers === undefined) {
    const items = node.prefixItems?.[0] ?? node.items;
    const each = items && rangeOf(items);
    return each === undefined ? undefined : `each ${each}`;
  }
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = numbers;
  const bounds = [
    isBound(minimum) && `at least ${showNumber(minimum)}`,
    isBound(exclusiveMinimum) && `above ${showNumber(exclusiveMinimum)}`,
    isBound(maximum) && `at most ${showNumber(maximum)}`,
    isBound(exclusiveMaximum) && `below ${showNumber(exclusiveMaximum)}`,
  ].filter((bound) => bound !== false);
  return bounds.length === 0 ? undefined : bounds.join(", ");
}

/** Keys without a default that reading a recipe fills in, as their meanings say. */
const FILLED_IN: ReadonlySet<string> = new Set(["name", "zoo.heldOut"]);

function defaultOf(path: string, { node, isRequired }: Place, isPreset: boolean): string {
  if (node.default !== undefined) return showValue(node.default);
  if (isPreset) return "preset";
  if (FILLED_IN.has(path)) return "filled in";
  return isRequired ? "required" : "none";
}

const isSection = (node: JsonSchema): boolean => node.properties !== undefined || variantsOf(node).some(isSection);

/** The choices of a node, each with its meaning where it has one. */
const choicesOf = (node: JsonSchema): readonly KeyChoice[] => {
  const own = node.const === undefined ? (node.enum ?? node.items?.enum ?? []) : [node.const];
  return [
    ...own.map((value) => ({
      value: String(value),
      ...(node.const !== undefined && node.description !== undefined && { meaning: node.description }),
    })),
    ...variantsOf(node).flatMap((variant) => (isSection(variant) ? [] : choicesOf(variant))),
  ];
};

/** The value of a preset at a path. */
const inPreset = (preset: (typeof presetNames)[number], path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((tree, key) => (tree as Record<string, unknown> | null | undefined)?.[key], presets[preset]);

/** The presets that set a key, and to what. */
function presetValues(path: string): RecipeKey["presets"] {
  return presetNames.flatMap((preset) => {
    const value = inPreset(preset, path);
    return value === undefined ? [] : [{ preset, value: showValue(value) }];
  });
}

/** Says of which variants places are; undefined where they are of all that have other keys, too. */
function describeVariants(places: readonly Place[], all: readonly Place[]): string | undefined {
  const tags = [...new Set(places.flatMap(({ chosen }) => [...chosen.keys()]))];
  const values = (of: readonly Place[], tag: string) =>
    [...new Set(of.map(({ chosen }) => chosen.get(tag)))].filter((value) => value !== undefined);
  const named = tags.flatMap((tag) => {
    const [here, known] = [values(places, tag), values(all, tag)];
    return here.length === known.length ? [] : [`${tag.split(".").at(-1)}: ${here.join(", ")}`];
  });
  return named.length === 0 ? undefined : named.join("; ");
}

/** A key from all its places. `siblings` are the places of the tags beside it. */
function keyOf(path: string, places: readonly Place[], siblings: readonly Place[]): RecipeKey {
  const [first] = places;
  if (first === undefined) throw new Error(`${path} has no place`);
  const values = presetValues(path);
  const groups = new Map<string, { variant: KeyVariant; places: Place[] }>();
  const isTag = places.some(({ node }) => node.const !== undefined);
  for (const place of places) {
    const range = rangeOf(place.node);
    const variant: KeyVariant = {
      meaning: place.node.description ?? "",
      type: typeOf(place.node),
      ...(range !== undefined && { range }),
      default: defaultOf(path, place, values.length > 0),
    };
    const id = isTag ? "" : JSON.stringify(variant);
    const group = groups.get(id) ?? { variant, places: [] };
    group.places.push(place);
    groups.set(id, group);
  }
  const choices = new Map(places.flatMap(({ node }) => choicesOf(node)).map((choice) => [choice.value, choice]));
  return {
    path,
    meaning: first.node.description ?? "",
    isSection: places.some(({ node }) => isSection(node)),
    variants: [...groups.values()].map((group) => {
      const of = describeVariants(group.places, siblings);
      return { ...(of !== undefined && { of }), ...group.variant };
    }),
    choices: [...choices.values()],
    presets: values,
  };
}

/** All keys of recipes, of classifiers and of networks with a user's own metric, in their order. */
export function recipeKeys(): readonly RecipeKey[] {
  const places = new Map<string, Place[]>();
  for (const each of [schema, metricSchema]) {
    const found = new Map<string, Place[]>();
    collect(jsonSchemaOf(each), "", new Map(), found);
    for (const [path, those] of found) if (!places.has(path)) places.set(path, those);
  }
  const tagPlaces = [...places.values()].flat().filter(({ node }) => node.const !== undefined);
  return [...places].map(([path, those]) => withTagMeaning(keyOf(path, those, tagPlaces), places));
}

/** A key that chooses a variant means what the section means that it is in. */
function withTagMeaning(key: RecipeKey, places: ReadonlyMap<string, readonly Place[]>): RecipeKey {
  const isTag = get(places, key.path).some(({ node }) => node.const !== undefined);
  if (!isTag) return key;
  const section = key.path.slice(0, key.path.lastIndexOf("."));
  const meaning = get(places, section)[0]?.node.description ?? "";
  return { ...key, meaning, variants: key.variants.map((variant) => ({ ...variant, meaning })) };
}

/** What other programs call some keys. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  learningRate: "lr",
  batchSize: "batch",
  wd: "weightDecay",
  model: "network",
  dataset: "data",
  samples: "count",
};

/** A name as keys are written: `weight_decay` is `weightDecay`, `optimizer` is `optimiser`. */
const asKey = (name: string): string => {
  const camel = canonicalKey(name.replace(/[-_]+(\w)/g, (_, letter: string) => letter.toUpperCase()));
  return OTHER_NAMES[camel] ?? camel;
};

/** The key of a path, which may be written otherwise: `base.optimizer` is `base.optimiser`. */
export const asPath = (name: string): string => name.split(".").map(asKey).join(".");

/** The paths of keys that end in a name, shortest first: `base.lr` and `zoo.lr` for `lr`. */
export function pathsEndingIn(name: string): string[] {
  const end = asPath(name);
  return recipeKeys()
    .map(({ path }) => path)
    .filter((path) => path === end || path.endsWith(`.${end}`))
    .toSorted((a, b) => a.split(".").length - b.split(".").length);
}
