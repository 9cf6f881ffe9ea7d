/** docs/reference/recipe.md: every key of a recipe. */

import { firstStageOf } from "../../src/claim/index.ts";
import { type KeyVariant, type RecipeKey, recipeKeys } from "../../src/recipe/index.ts";
import { code, table } from "./markdown.ts";

const INTRODUCTION = `# Recipe keys

Every key that a recipe may have. Made from the schemas by \`npm run docs:reference\`; the same
text is in \`pdiff config KEY\`.

* A recipe is a YAML file. \`extends: other.yaml\`, or a list, takes the values of other recipes,
  which this one overrides. Paths are relative to the file.
* The command line overrides a recipe: \`pdiff run RECIPE zoo.count=50 base.optimiser=sgd\`. The
  value is YAML, so a list is \`'network.hidden=[64, 32]'\`.
* \`pdiff config RECIPE key=value…\` prints a recipe with all values. A run keeps them in
  \`config.yaml\`.
* Keys may be in American spelling (\`optimizer\`, \`normalize\`, \`color\`).
* *Stage* is the first stage that reads the key: when its value changes in a run, that stage and
  all later ones are done again. No number depends on the keys of \`report\`.
* *Required* keys have no default. *Preset* means that \`preset\` sets it; the [last
  section](#presets) says to what.

## In an editor

The package holds a JSON Schema of recipes, \`recipes/recipe.schema.json\`. The recipes name it in
their first line, so editors with a YAML language server (in VS Code, the extension *YAML* of Red
Hat) complete keys, describe them and mark mistakes. In a project that has installed the package,
the line of your own recipe is

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/neural-network-diffusion/recipes/recipe.schema.json
\`\`\`
`;

/** The type of a variant, with its range or choices. */
function typeOf({ type, range }: KeyVariant, { choices }: RecipeKey): string {
  if (choices.some(({ meaning }) => meaning !== undefined)) return "one of these";
  const values = choices.map(({ value }) => code(value)).join(", ");
  const named = values === "" ? type : type.replace("list of choices", `list of ${values}`).replace("choice", values);
  return range === undefined ? named : `${named}; ${range}`;
}

const defaultOf = (value: string): string =>
  value === "{}" ? "" : ["required", "preset", "none", "filled in"].includes(value) ? value : code(value);

/** What a key means in a variant; for one that chooses variants, what each of them is. */
function meaningOf(variant: KeyVariant, { choices }: RecipeKey): string {
  const explained = choices.filter(({ meaning }) => meaning !== undefined);
  if (explained.length === 0) return variant.meaning;
  return `${explained.map(({ value, meaning }) => `${code(value)}: ${meaning}`).join("; ")}.`;
}

const rowsOf = (key: RecipeKey): string[][] =>
  key.variants.map((variant) => [
    `${code(key.path)}${variant.of === undefined ? "" : ` (${variant.of})`}`,
    meaningOf(variant, key),
    typeOf(variant, key),
    defaultOf(variant.default),
    firstStageOf(key.path),
  ]);

const keyTable = (keys: readonly RecipeKey[]): string =>
  table(["key", "meaning", "type", "default", "stage"], keys.flatMap(rowsOf));

/** The section of a key at the top and all below it. */
function sectionOf(top: RecipeKey, all: readonly RecipeKey[]): string {
  const below = all.filter(({ path }) => path.startsWith(`${top.path}.`));
  const keys = top.variants.some(({ type }) => type !== "section") ? [top, ...below] : below;
  return `## ${top.path}\n\n${top.meaning}\n\n${keyTable(keys)}\n`;
}

/** What each preset sets. */
function presetSection(all: readonly RecipeKey[]): string {
  const names = [...new Set(all.flatMap(({ presets }) => presets.map(({ preset }) => preset)))];
  const rows = all
    .filter(({ presets, variants }) => presets.length > 0 && variants.some(({ type }) => type !== "section"))
    .map(({ path, presets }) => [
      code(path),
      ...names.map((name) => {
        const value = presets.find(({ preset }) => preset === name)?.value;
        return value === undefined || value.startsWith("{") ? "" : code(value);
      }),
    ]);
  return `## Presets

What each preset sets; what it leaves empty has the default above. The presets are described in
[the method](../method.md#the-presets).

${table(["key", ...names], rows)}
`;
}

/** The page. */
export function recipePage(): string {
  const all = recipeKeys();
  const top = all.filter(({ path }) => !path.includes("."));
  const values = top.filter(({ isSection }) => !isSection);
  const sections = top.filter(({ isSection }) => isSection);
  const first = `## Keys outside of sections\n\n${keyTable(values)}\n`;
  return [INTRODUCTION, first, ...sections.map((key) => sectionOf(key, all)), presetSection(all)].join("\n");
}
