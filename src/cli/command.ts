/** What the files of `verbs/` share to register themselves: options, help texts, the terminal. */
import { type AddHelpTextContext, Argument, type Command, InvalidArgumentError, Option } from "commander";

import type { StageName } from "../run/index.ts";
import { program as name } from "./invocation.ts";
import { hanging, layOut, lines, type Text } from "./terminal/layout.ts";
import { columnsOf, type GlobalOptions, type Terminal, terminal } from "./terminal/terminal.ts";

/** What each stage does, for the help. */
export const stageSummaries: Readonly<Record<StageName, string>> = {
  collect: "train the network and save the zoo of checkpoints",
  fit: "fit the autoencoder and the diffusion model to the zoo",
  sample: "draw new networks from noise",
  evaluate: "evaluate originals, reconstructions and samples",
  audit: "compare the samples with baselines, and decide whether they are new networks",
  report: "write the figures and report.html",
};

/** A path that no command takes for an option, so that hints can be pasted. */
const unlikeOption = (path: string): string => (path.startsWith("-") ? `./${path}` : path);

/** The argument that names a run. */
export const runArgument = (): Argument =>
  new Argument("<run>", "a run folder, such as runs/glyphs-cnn").argParser(unlikeOption);

/** `--run`, the folder of a run that may be new. */
export const runOption = (description: string): Option =>
  new Option("--run <folder>", description).argParser(unlikeOption);

/** The terminal as the global options of a command line want it. */
export const terminalOf = (command: Command): Terminal => terminal(command.optsWithGlobals<GlobalOptions>());

/** What commander calls for the text below a command's help. */
type HelpText = (context: AddHelpTextContext) => string;

/** Columns of help where the output is no terminal. */
const HELP_COLUMNS = 80;

/** Text below a command's help, at the width of the help. */
export const belowHelp =
  (text: Text): HelpText =>
  ({ command }) => {
    const columns = columnsOf(process.stdout);
    const usual = columns === Infinity ? HELP_COLUMNS : columns;
    return layOut(text, command.configureHelp().helpWidth ?? usual);
  };

/**
 * Examples below a command's help. Each line starts with what follows the program's name; after two
 * spaces or more it may say what the command does.
 */
export const examples = (...commands: readonly string[]): HelpText =>
  belowHelp(lines("\nExamples:", ...commands.map(exampleLine)));

/** An example: its command stays whole, and what it does is wrapped. */
function exampleLine(line: string): Text {
  const [, command = line, explanation] = /^(.*?\S {2,})(\S.*)$/.exec(line) ?? [];
  const typed = `  ${name} ${command}`;
  return explanation === undefined ? () => typed : hanging(typed, explanation);
}

/** An option whose value is a whole number from 1 to 999 999 999. */
export const wholeNumber = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
    return Number(text);
  });

/** `--ignore-gate`, of the verbs that fit. */
export const ignoreGateOption = (): Option =>
  new Option("--ignore-gate", "continue although the autoencoder explains too little of the variance");

/** `--allow-memory`, of the verbs that run stages. */
export const allowMemoryOption = (): Option =>
  new Option("--allow-memory", "start it although its plan needs more memory than there is");

/** `--allow-command`, of the verbs that may run a recipe's command. */
export const allowCommandOption = (): Option =>
  new Option("--allow-command", "run the recipe's command although it was not typed on this machine");

/** `--better`, of the verbs that take a user's metric. */
export const betterOption = (): Option =>
  new Option("--better <direction>", "whether a higher or a lower score is better").choices(["higher", "lower"]);

/** `--metric`, of the verbs that take a user's metric. */
export const metricOption = (): Option =>
  new Option("--metric <name>", "the key of the JSON object that holds the score");

/** The description of `--force` for one stage of a run. */
export const FORCE_STAGE = "do the stage again, and delete what later stages made of it";
