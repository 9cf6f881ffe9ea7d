/**
 * The JSON Schema of recipe files, for editors: completion, descriptions and checks while typing.
 * It is looser than the check of a whole recipe: a file may leave out what it extends or what a
 * preset sets, and keys may be in American spelling.
 */
import { catalogue } from "../networks/index.ts";
import { type JsonSchema, jsonSchemaOf } from "./keys.ts";
import { metricSchema, schema } from "./schema.ts";
import { americanKey } from "./spelling.ts";

type Properties = Readonly<Record<string, JsonSchema>>;

/** Keys that `under` has and `over` lacks, at every level of sections that both have. */
function withKeysOf(over: JsonSchema, under: JsonSchema): JsonSchema {
  if (over.properties === undefined || under.properties === undefined) return over;
  const merged = { ...over.properties };
  for (const [key, node] of Object.entries(under.properties))
    merged[key] = merged[key] === undefined ? node : withKeysOf(merged[key], node);
  return { ...over, properties: merged };
}

/** Other spellings of the properties at a place, which editors accept but do not suggest. */
function americanProperties(properties: Properties, place: string): Properties {
  const names = Object.keys(properties).map((key) => [key, americanKey(key)] as const);
  return Object.fromEntries(
    names.flatMap(([key, american]) =>
      american === undefined ? [] : [[american, { $ref: `${place}/properties/${key}`, doNotSuggest: true }]],
    ),
  );
}

/** The names that a recipe may give a network: the schema's, torchvision's and timm's. */
const networkNames = (name: string): readonly string[] => [
  name,
  ...catalogue.filter(({ base }) => base === name).flatMap(({ name: own, aliases }) => [own, ...aliases]),
];

/**
 * A node as it may be in a part of a recipe: nothing is required, and text may stand for a type.
 * @param place its JSON pointer.
 */
function loosened(node: JsonSchema, place: string, key = ""): JsonSchema {
  const { required: _, oneOf = [], anyOf = [], properties, items, shorthand = false, ...rest } = node;
  const variants = [...anyOf, ...oneOf];
  const types = shorthand ? [{ enum: variants.flatMap(({ properties: of = {} }) => of.type?.const ?? []) }] : [];
  const own = Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, inner]) => [
      name,
      loosened(inner, `${place}/properties/${name}`, name),
    ]),
  );
  const loose = variants.map((variant, i) => loosened(variant, `${place}/anyOf/${types.length + i}`, key));
  return {
    ...bounded(rest),
    ...(properties !== undefined && {
      properties: { ...(key === "network" ? withNetworkNames(own) : own), ...americanProperties(own, place) },
    }),
    ...(items !== undefined && { items: typeof items === "object" ? loosened(items, `${place}/items`) : items }),
    ...(variants.length > 0 && { anyOf: [...types, ...loose] }),
  };
}

/** The properties of a network under all of its names. */
function withNetworkNames(properties: Properties): Properties {
  if (properties.name?.const === undefined) return properties;
  const { const: name, ...named } = properties.name;
  return { ...properties, name: { ...named, enum: [...new Set(networkNames(String(name)))] } };
}

/** Without the bounds that only say that whole numbers must be exact. */
function bounded({ minimum, maximum, ...rest }: JsonSchema): JsonSchema {
  const isReal = (n: number | undefined) => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;
  return {
    ...rest,
    ...(isReal(minimum) && minimum !== undefined && { minimum }),
    ...(isReal(maximum) && maximum !== undefined && { maximum }),
  };
}

/** The JSON Schema of recipe files, with the parts of this package. */
export function editorSchema(): JsonSchema {
  const { properties, ...whole } = loosened(withKeysOf(jsonSchemaOf(schema), jsonSchemaOf(metricSchema)), "#");
  const path: JsonSchema = { type: "string" };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Recipe of neural-network-diffusion",
    ...whole,
    properties: {
      extends: {
        description: "Recipe that this one extends, or a list of them; paths are relative to this file.",
        anyOf: [path, { type: "array", items: path }],
      },
      ...properties,
    },
  };
}
