/** `pdiff config`: explains the keys of recipes, and prints a recipe with all its values. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";

import { nearest, UserError } from "../../errors.ts";
import type { KeyVariant, RecipeKey } from "../../recipe/index.ts";
import { examples, terminalOf } from "../command.ts";
import { commandLine } from "../invocation.ts";
import { isRunFolder } from "../settings.ts";
import { blocks, lines, list } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("config")
    .summary("explain the keys of recipes, or print a recipe with all defaults")
    .description(
      "Explain a key of recipes: meaning, type, range, default. With a recipe or a run, print it with all values filled in.",
    )
    .argument("[key-or-recipe]", "a key such as zoo.count, a recipe, or a run folder")
    .argument("[overrides...]", "key=value pairs that replace values of the recipe")
    .addHelpText(
      "after",
      examples(
        "config                         the sections of a recipe",
        "config zoo                     the keys of a section",
        "config sampler.steps           a key; its last parts are enough",
        "config glyphs-cnn seed=2       the recipe with every value",
        "config runs/glyphs-cnn --json  the recipe of a run",
      ),
    )
    .action((name: string | undefined, overrides: readonly string[], _, command: Command) =>
      config(terminalOf(command), name, overrides),
    );
}

/**
 * Explains keys, or prints a recipe.
 * @param name a key or its end, a recipe, or a run folder; the sections are listed without one.
 * @throws UserError `E_USAGE` when there is neither a key nor a recipe of that name.
 */
export async function config(
  terminal: Terminal,
  name: string | undefined,
  overrides: readonly string[],
): Promise<void> {
  const { asPath, pathsEndingIn, recipeKeys } = await import("../../recipe/index.ts");
  if (name === undefined) {
    const sections = recipeKeys().filter(({ path }) => !path.includes("."));
    terminal.result(await withStages(sections), list(sections.map(({ path, meaning }) => [path, meaning])));
    return terminal.next(commandLine("config", "zoo"));
  }
  if (name.includes("="))
    throw new UserError(
      "E_USAGE",
      `expected a recipe before ${name}, as in ${commandLine("config", "glyphs-cnn", name)}`,
    );
  if (overrides.length > 0 || /\.ya?ml$/.test(name) || existsSync(name)) return printRecipe(terminal, name, overrides);
  const all = recipeKeys();
  const exact = all.filter(({ path }) => path === asPath(name));
  const paths = exact.length > 0 ? [] : pathsEndingIn(name);
  const found = exact.length > 0 ? exact : all.filter(({ path }) => paths.includes(path));
  if (found.length > 0) return explainKeys(terminal, found, all);
  return printRecipe(terminal, name, overrides).catch((error: unknown) => {
    throw error instanceof UserError && !/[/\\]/.test(name) ? unknownName(name, all) : error;
  });
}

/** The error for a name that is neither a key nor a recipe. */
function unknownName(name: string, all: readonly RecipeKey[]): UserError {
  const names = new Set(all.flatMap(({ path }) => [path, path.slice(path.lastIndexOf(".") + 1)]));
  const near = nearest(name, names);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  return new UserError(
    "E_USAGE",
    `there is no recipe key and no recipe ${JSON.stringify(name)}.${hint} ${commandLine("config")} lists the keys, ${commandLine("recipes")} the recipes`,
  );
}

/** Prints a recipe, or that of a run, with all values. */
async function printRecipe(terminal: Terminal, name: string, overrides: readonly string[]): Promise<void> {
  const { findRecipe, loadRecipe, loadRunRecipe, recipeText } = await import("../../recipe/index.ts");
  const recipe = isRunFolder(name)
    ? await loadRunRecipe(join(name, "config.yaml"), undefined, overrides)
    : await loadRecipe(await findRecipe(name), overrides);
  // YAML is not prose: a wrapped line may be another value.
  terminal.result(recipe, () => recipeText(recipe).trimEnd());
}

/** Keys with the first stage that reads each. */
async function withStages(keys: readonly RecipeKey[]) {
  const { firstStageOf } = await import("../../claim/index.ts");
  return keys.map((key) => ({ ...key, firstStage: firstStageOf(key.path) }));
}

/** Prints what keys mean. */
async function explainKeys(terminal: Terminal, keys: readonly RecipeKey[], all: readonly RecipeKey[]): Promise<void> {
  const staged = await withStages(keys);
  const texts = staged.map((key) => {
    const below = all.filter(({ path }) => path.slice(0, path.lastIndexOf(".")) === key.path);
    const isOnlySection = below.length > 0 && key.variants.every(({ type }) => type === "section");
    const facts = isOnlySection ? [] : [list(factsOf(key))];
    const inside = below.length === 0 ? [] : [list(below.map(lineOf))];
    return blocks(lines(key.path, key.meaning), ...facts, ...inside);
  });
  terminal.result(staged, blocks(...texts));
}

/** A key in the list of its section: its name, meaning and default, or what it chooses among. */
function lineOf({ path, meaning, isSection, variants, choices }: RecipeKey): [string, string] {
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (choices.some((choice) => choice.meaning !== undefined))
    return [name, `One of ${choices.map(({ value }) => value).join(", ")}.`];
  const defaults = [...new Set(variants.map((variant) => variant.default))];
  const isKnown = !isSection && defaults.length === 1 && !["none", "preset"].includes(defaults[0] ?? "");
  return [name, isKnown ? `${meaning} (${asDefault(defaults[0] ?? "")})` : meaning];
}

const asDefault = (value: string): string => (/^(?:required|filled in)$/.test(value) ? value : `default ${value}`);

/** The facts of a key that holds a value. */
function factsOf(key: RecipeKey & { readonly firstStage?: string }): [string, string][] {
  const typeOf = ({ type, range }: KeyVariant) => [type, range].filter(Boolean).join(", ");
  const facts = key.variants.flatMap((variant): [string, string][] => [
    ...(variant.of === undefined ? [] : [["with", variant.of] as [string, string]]),
    ...(variant.meaning === key.meaning ? [] : [["meaning", variant.meaning] as [string, string]]),
    ["type", typeOf(variant)],
    ["default", variant.default === "preset" ? "of the preset" : variant.default],
  ]);
  const choices = key.choices.map(({ value, meaning }) => (meaning === undefined ? value : `${value} (${meaning})`));
  return [
    ...facts,
    ...(choices.length === 0 ? [] : [["choices", choices.join(", ")] as [string, string]]),
    ...presetsByValue(key).map(([value, presets]): [string, string] => [`preset ${presets.join(", ")}`, value]),
    ["stage", `${key.firstStage} (when it changes, this stage and all later ones are done again)`],
  ];
}

/** The presets that set a key, by what they set it to. */
function presetsByValue({ presets }: RecipeKey): [string, string[]][] {
  const byValue = new Map<string, string[]>();
  for (const { preset, value } of presets) byValue.set(value, [...(byValue.get(value) ?? []), preset]);
  return [...byValue];
}
