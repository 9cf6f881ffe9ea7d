/** What a shell can complete: the commands, their options, and the words that they take. */
import type { Argument, Command, Option } from "commander";

/** An option of a command. */
export interface OptionFacts {
  /** As typed: `-n` and `--count`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Whether a value follows. */
  readonly takesValue: boolean;
  /** Its values, where they are known. */
  readonly choices: readonly string[];
}

/** A command, and what may follow it. */
export interface CommandFacts {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionFacts[];
  readonly subcommands: readonly CommandFacts[];
  /** Words that it takes, such as the names of recipes. */
  readonly words: readonly string[];
  /** Whether it takes run folders. */
  readonly takesRuns: boolean;
  /** Whether it takes `key=value` pairs of recipes. */
  readonly takesSettings: boolean;
}

/** A command and all commands below it, each under its whole name, such as `data get`. */
export const withSubcommands = (command: CommandFacts): readonly CommandFacts[] => [
  command,
  ...command.subcommands.flatMap((each) => withSubcommands({ ...each, name: `${command.name} ${each.name}` })),
];

/** Names that commands take. */
export interface Names {
  readonly recipes: readonly string[];
  readonly networks: readonly string[];
  readonly dataSets: readonly string[];
  /** Keys of recipes that hold values, with their choices where these are known. */
  readonly keys: readonly { readonly path: string; readonly choices: readonly string[] }[];
}

/** Everything that a shell completes. */
export interface CompletionFacts {
  readonly commands: readonly CommandFacts[];
  /** Options of every command. */
  readonly options: readonly OptionFacts[];
  readonly keys: Names["keys"];
}

/** What arguments take, by their names in the help. */
const KINDS: Readonly<Record<string, (names: Names) => readonly string[]>> = {
  recipe: ({ recipes }) => recipes,
  "key-or-recipe": ({ recipes, keys }) => [...keys.map(({ path }) => path), ...recipes],
  name: ({ networks }) => networks,
  names: ({ dataSets }) => dataSets,
};
const RUNS: ReadonlySet<string> = new Set(["run", "runs", "recipe", "key-or-recipe", "checkpoints", "words"]);
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  run: ["overrides"],
  config: ["overrides"],
  fit: ["checkpoints"],
  audit: ["words"],
};

/** What can be completed of a command line. */
export function completionFacts(root: Command, names: Names): CompletionFacts {
  const commands = root.commands.map((command) => factsOf(command, names));
  const help = { ...helpCommand, words: commands.map(({ name }) => name) };
  return { commands: [...commands, help], options: [...root.options.map(optionOf), helpOption], keys: names.keys };
}

const helpOption: OptionFacts = { flags: ["-h", "--help"], description: "print help", takesValue: false, choices: [] };
const helpCommand: CommandFacts = {
  name: "help",
  summary: "print help of a command",
  options: [],
  subcommands: [],
  words: [],
  takesRuns: false,
  takesSettings: false,
};

function factsOf(command: Command, names: Names): CommandFacts {
  const name = command.name();
  const argumentNames = command.registeredArguments.map((argument) => argument.name());
  return {
    name,
    summary: command.summary() || command.description(),
    options: command.options.map(optionOf),
    subcommands: command.commands.filter((each) => each.name() !== "help").map((each) => factsOf(each, names)),
    words: command.registeredArguments.flatMap((argument) => wordsOf(argument, name, names)),
    // `recipes` takes words to search for.
    takesRuns: name !== "recipes" && argumentNames.some((each) => RUNS.has(each)),
    takesSettings: argumentNames.some((each) => SETTINGS[name]?.includes(each)),
  };
}

const wordsOf = (argument: Argument, command: string, names: Names): readonly string[] =>
  argument.argChoices ?? (command === "recipes" ? [] : (KINDS[argument.name()]?.(names) ?? []));

const optionOf = (option: Option): OptionFacts => ({
  flags: [option.short, option.long].filter((flag) => flag !== undefined),
  description: option.description,
  takesValue: option.required || option.optional,
  choices: option.argChoices ?? [],
});
