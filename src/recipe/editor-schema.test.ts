import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editorSchema } from "./editor-schema.ts";
import type { JsonSchema } from "./keys.ts";
import { measuredWith, recipeWith } from "./recipe.fixture.ts";

const folder = fileURLToPath(new URL("../../recipes", import.meta.url));
const recipes = globSync("**/*.yaml", { cwd: folder }).map((path) => join(folder, path));
const whole = editorSchema();

/** The node that a JSON pointer of this schema names. */
const follow = (pointer: string): JsonSchema =>
  pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], whole) as JsonSchema;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  integer: Number.isInteger,
  number: (value) => typeof value === "number",
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

/** The places of a value that a schema of this form refuses; a union is refused as a whole. */
function refused(value: unknown, node: JsonSchema, place = "recipe"): string[] {
  if (node.$ref !== undefined) return refused(value, follow(node.$ref), place);
  if (node.anyOf !== undefined)
    return node.anyOf.some((variant) => refused(value, variant, place).length === 0) ? [] : [place];
  const { type, minimum = -Infinity, maximum = Infinity, properties, items } = node;
  const isWrong =
    (type !== undefined && ![type].flat().some((name) => TYPES[name]?.(value))) ||
    (node.enum !== undefined && !node.enum.includes(value)) ||
    (node.const !== undefined && node.const !== value) ||
    (typeof value === "number" && (value < minimum || value > maximum));
  if (isWrong) return [place];
  if (Array.isArray(value) && typeof items === "object")
    return value.flatMap((item, i) => refused(item, items, `${place}.${i}`));
  if (properties === undefined) return [];
  return Object.entries(value as object).flatMap(([key, inner]) => {
    const known = properties[key];
    return known === undefined ? [`${place}.${key}`] : refused(inner, known, `${place}.${key}`);
  });
}

describe("the schema for editors", () => {
  it("is in the package as it is generated (npm run docs:reference)", () => {
    const written: unknown = JSON.parse(readFileSync(join(folder, "recipe.schema.json"), "utf8"));
    expect(written).toEqual(JSON.parse(JSON.stringify(whole)));
  });

  it("is named in the first line of every recipe, by a path from it", () => {
    expect(recipes.length).toBeGreaterThan(100);
    for (const path of recipes) {
      const [line = ""] = readFileSync(path, "utf8").split("\n", 1);
      const schema = relative(dirname(path), join(folder, "recipe.schema.json"));
      expect(line, path).toBe(`# yaml-language-server: $schema=${schema}`);
    }
  });

  it("accepts every recipe of the program, those that are only extended as well", () => {
    const problems = recipes.flatMap((path) => refused(parse(readFileSync(path, "utf8")), whole, path));
    expect(problems).toEqual([]);
  });

  it("accepts resolved recipes of both kinds", () => {
    for (const recipe of [recipeWith(), recipeWith("preset=units"), measuredWith("measure.metric=loss")])
      expect(refused(JSON.parse(JSON.stringify(recipe)), whole)).toEqual([]);
  });

  it.each([
    ["zoo: { cuont: 5 }", ["recipe.zoo.cuont"]],
    ["zoo: { count: 1 }", ["recipe.zoo.count"]],
    ["zoo: { count: many }", ["recipe.zoo.count"]],
    ["base: { optimiser: adma }", ["recipe.base.optimiser"]],
    ["network: { name: resnet18, hidden: [3] }", ["recipe.network"]],
    ["preset: smal", ["recipe.preset"]],
  ])("refuses %s", (text, places) => {
    expect(refused(parse(text), whole)).toEqual(places);
  });

  it.each([
    "base: { optimizer: { type: adamw, weightDecay: 0.1 }, schedule: cosine }",
    "data: { normalize: imagenet, augment: { crop: resized } }",
    "network: { name: vit_b_16 }",
    "normalization: tensor",
    "network: { name: cnn, color: false }",
    "extends: [a.yaml, b.yaml]\ndiffusion: null",
    "autoencoder: { training: { optimiser: { weightDecay: 1e-5 } } }",
  ])("accepts %s", (text) => {
    expect(refused(parse(text), whole)).toEqual([]);
  });
});
