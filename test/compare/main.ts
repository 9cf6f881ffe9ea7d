/**
 * Compares the results of this working tree with those of a commit: `npm run compare -- COMMIT`.
 * Both versions run the recipes of recipes.ts as processes of their own; then everything they wrote
 * is compared.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { oldArguments, oldRecipe, renamedSince } from "./canonical.ts";
import { compareFolders } from "./compare-folders.ts";
import { describeComparison, isSame, type RecipeComparison } from "./describe.ts";
import { writeInputs } from "./inputs.ts";
import { type ComparisonRecipe, comparisonRecipes } from "./recipes.ts";
import { type Renames, renames } from "./renames.ts";
import { copyWorkingTree, installPackages, makeWorkFolder, resolveCommit, writeCommit } from "./trees.ts";

const USAGE = `Usage: npm run compare -- COMMIT [options]

Runs small recipes with this working tree and with COMMIT, and compares the results.
Prints "same bytes, same figures" and exits with 0, or lists the differences and exits with 1.

  --only NAME      only this recipe; may be repeated
  --differences N  how many differences to list for each recipe (default: 10)
  --keep           keep the folders of both versions, and say where they are
  --json           print one JSON document
  --list           list the recipes
`;

/** One of the two versions. */
interface Side {
  readonly name: "old" | "new";
  /** Where its source lies. */
  readonly tree: string;
  /** What to rename back for it. */
  readonly lacks: ReturnType<typeof renamedSince>;
}

const repository = fileURLToPath(new URL("../..", import.meta.url));
const children = new Set<ChildProcess>();

/** Runs one command of `pdiff`. Resolves with its last lines if it fails, else with undefined. */
async function runCommand({ name, tree }: Side, folder: string, words: readonly string[]): Promise<string | undefined> {
  const log = `${folder}.log`;
  const output = openSync(log, "a");
  // A group of its own, so that its workers end with it.
  const child = spawn(process.execPath, [join(tree, "pdiff"), ...words], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...process.env, NO_COLOR: "1" },
  });
  closeSync(output);
  children.add(child);
  const ended = await new Promise<number | string>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? signal!));
  });
  children.delete(child);
  if (ended === 0) return undefined;
  const tail = readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n    ");
  return `${name} version: pdiff ${words.join(" ")}\n    ended with ${ended}: ${tail}`;
}

/** Runs a recipe with one version in a folder. Resolves with what failed. */
async function runRecipe(side: Side, folder: string, { recipe, commands }: ComparisonRecipe): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  // JSON is YAML.
  if (recipe !== undefined) writeFileSync(join(folder, "recipe.yaml"), JSON.stringify(oldRecipe(recipe, side.lacks)));
  for (const words of commands) {
    const failure = await runCommand(side, folder, oldArguments(words, side.lacks));
    if (failure !== undefined) return [failure];
  }
  return [];
}

/** The renames that a version knows of; undefined for one from before there was a table. */
async function renamesOf(tree: string): Promise<Renames | undefined> {
  const file = join(tree, "test/compare/renames.ts");
  if (!existsSync(file)) return undefined;
  const module: { readonly renames: Renames } = await import(pathToFileURL(file).href);
  return module.renames;
}

async function prepareSides(work: string, commit: string): Promise<{ old: Side; new: Side }> {
  const trees = { old: join(work, "old-tree"), new: join(work, "new-tree") };
  writeCommit(repository, commit, trees.old);
  copyWorkingTree(repository, trees.new);
  for (const tree of Object.values(trees)) installPackages(repository, tree);
  return {
    old: { name: "old", tree: trees.old, lacks: renamedSince(renames, await renamesOf(trees.old)) },
    new: { name: "new", tree: trees.new, lacks: renamedSince(renames, renames) },
  };
}

async function compareRecipe(
  work: string,
  sides: { old: Side; new: Side },
  recipe: ComparisonRecipe,
): Promise<RecipeComparison> {
  const began = performance.now();
  const folders = { old: join(work, "old", recipe.name), new: join(work, "new", recipe.name) };
  const failures = await Promise.all([
    runRecipe(sides.old, folders.old, recipe),
    runRecipe(sides.new, folders.new, recipe),
  ]);
  const comparison = compareFolders(folders.old, folders.new, renames);
  const seconds = (performance.now() - began) / 1000;
  return { recipe: recipe.name, seconds, failures: failures.flat(), ...comparison };
}

/** Ends what runs and removes what is left; also when this process is asked to end. */
function cleanUp(work: string, keep: boolean): void {
  for (const { pid } of children) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
  if (!keep) rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string", multiple: true },
      differences: { type: "string", default: "10" },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const names = comparisonRecipes("").map(({ name }) => name);
  if (values.list) {
    console.log(names.join("\n"));
    return true;
  }
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no recipe is named ${unknown}; there are ${names.join(", ")}`);
  const [commit] = positionals;
  if (values.help || commit === undefined || positionals.length > 1) {
    console.log(USAGE);
    return values.help;
  }
  const hash = resolveCommit(repository, commit);
  const work = makeWorkFolder(values.keep);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      cleanUp(work, values.keep);
      process.exit(130);
    });
  try {
    const sides = await prepareSides(work, hash);
    const inputs = join(work, "inputs");
    writeInputs(inputs);
    const compared: RecipeComparison[] = [];
    const say = (text: string) => void (values.json || console.log(text));
    say(`old: ${hash.slice(0, 12)}, new: this working tree`);
    for (const recipe of comparisonRecipes(inputs)) {
      if (values.only !== undefined && !values.only.includes(recipe.name)) continue;
      const comparison = await compareRecipe(work, sides, recipe);
      compared.push(comparison);
      say(describeComparison(comparison, Number(values.differences)));
    }
    const same = compared.every(isSame);
    if (values.json) console.log(JSON.stringify({ commit: hash, same, recipes: compared }, null, 2));
    if (values.keep) say(`kept: ${work}`);
    say(same ? "same bytes, same figures" : "NOT the same");
    return same;
  } finally {
    cleanUp(work, values.keep);
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`compare: ${(error as Error).message}`);
  process.exitCode = 2;
}
