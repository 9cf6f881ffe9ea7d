/** docs/reference/commands.md: every command with its options, from its help. */
import type { Command } from "commander";
import { buildProgram } from "../../src/cli/program.ts";

/** Columns of the help in the page. */
const COLUMNS = 90;

const INTRODUCTION = `# Commands

The help of every command. Made by \`npm run docs:reference\`; \`pdiff COMMAND --help\` prints the same.

* Every command takes the global options in the first block. With \`--json\` it prints one JSON
  document ([files](files.md#output-as-json)).
* Where a command takes \`key=value\` pairs, they are keys of recipes ([recipe keys](recipe.md)).
* In a clone the program is \`./pdiff\`; in a project that has installed the package,
  \`npx neural-network-diffusion\`; installed globally, \`pdiff\` or \`nnd\`.
`;

/** What a command prints with \`--help\`. */
function helpOf(command: Command, isRoot: boolean): string {
  let text = "";
  command.configureHelp({ ...command.configureHelp(), showGlobalOptions: isRoot, helpWidth: COLUMNS });
  command.configureOutput({
    writeOut(written) {
      text += written;
    },
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim().replaceAll(/ +$/gm, "");
}

const block = (text: string): string => `\`\`\`\n${text}\n\`\`\`\n`;

/** A command below the program, and those below it. */
function sectionsOf(command: Command, names: readonly string[]): string[] {
  const words = [...names, command.name()];
  const below = command.commands.filter((each) => each.name() !== "help");
  return [
    `## ${words.join(" ")}\n\n${block(helpOf(command, false))}`,
    ...below.flatMap((each) => sectionsOf(each, words)),
  ];
}

/** The page. */
export function commandsPage(): string {
  const root = buildProgram();
  const verbs = root.commands.filter((each) => each.name() !== "help");
  return [INTRODUCTION, block(helpOf(root, true)), ...verbs.flatMap((verb) => sectionsOf(verb, []))].join("\n");
}
