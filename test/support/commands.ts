/** Commands of this program as documents show them, and what is wrong with one. */
import type { Command } from "commander";

import { buildProgram } from "../../src/cli/program.ts";
import { UserError } from "../../src/errors.ts";
import { recipeKeys } from "../../src/recipe/index.ts";

/** How documents start the program. */
const PROGRAM = /^(?:\w+=\S+ )*(?:\.\/pdiff|pdiff|npx neural-network-diffusion) (.*)$/;

/** Verbs whose `key=value` pairs are keys of recipes. */
const WITH_KEYS: readonly string[] = ["run", "fit", "audit", "config"];

/** The command lines of the program in the `sh` blocks of a Markdown document, as words. */
export function commandsIn(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  return blocks.flatMap((text) => text.replaceAll("\\\n", " ").split("\n")).flatMap(commandOf);
}

/** The command lines of the program in the comments of a recipe, as words. */
export function commandsInComments(yaml: string): string[][] {
  const text = [...yaml.matchAll(/^#\s*(.*)$/gm)].map(([, line = ""]) => line);
  const joined = text.join("\n").replaceAll("\\\n", " ").split("\n");
  return joined.flatMap((line) => (line.match(/\.\/pdiff .*?(?= {3}|\)|$)/) ?? []).flatMap(commandOf));
}

/** The words of a line that starts the program; none of another line. */
function commandOf(line: string): string[][] {
  const [, rest] = PROGRAM.exec(line.trim()) ?? [];
  if (rest === undefined) return [];
  const words: string[] = [];
  for (const [word, single, double] of rest.matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)) {
    if (word.startsWith("#")) break;
    words.push(single ?? double ?? word);
  }
  return [words];
}

/** What is wrong with a command line: its verb, an option, a value or a key. */
export function problemOf(words: readonly string[]): string | undefined {
  const root = buildProgram();
  const [name = "", second = ""] = words;
  const verb = find(root, name);
  if (verb === undefined) return name.startsWith("-") || name === "help" ? undefined : `no verb ${name}`;
  const nested = find(verb, second);
  if (verb.commands.length > 0 && second !== "" && nested === undefined) return `no verb ${name} ${second}`;
  const command = nested ?? verb;
  const rest = words.slice(nested === undefined ? 1 : 2);
  try {
    const { operands, unknown } = command.parseOptions(rest);
    const strange = unknown.find((word) => word.startsWith("-") && !isGlobal(root, word));
    if (strange !== undefined) return `${name} has no option ${strange}`;
    if (!WITH_KEYS.includes(name)) return undefined;
    return [...operands, ...unknown].map(keyProblem).find((problem) => problem !== undefined);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const find = (parent: Command, name: string): Command | undefined =>
  parent.commands.find((command) => command.name() === name);

const isGlobal = (root: Command, word: string): boolean =>
  root.options.some(({ short, long }) => word === short || word === long) || word === "--help" || word === "-h";

let paths: ReadonlySet<string> | undefined;

/** What is wrong with a word if it is `key=value`. */
function keyProblem(word: string): string | undefined {
  const [, key] = /^([a-zA-Z]+(?:\.[a-zA-Z]+)*)=/.exec(word) ?? [];
  paths ??= new Set(recipeKeys().map(({ path }) => path));
  return key === undefined || paths.has(key) ? undefined : `no key ${key}`;
}
