/** How the user called this program, so that printed commands can be pasted. */
import { basename, delimiter, dirname, join, relative, sep } from "node:path";

import { shell } from "./format.ts";

/** `pdiff` if the shell finds it, else the path of the script that was run, such as `./pdiff`. */
export function programName(script: string, { cwd = process.cwd(), path = process.env.PATH ?? "" } = {}): string {
  if (basename(script) !== "pdiff" || path.split(delimiter).includes(dirname(script))) return "pdiff";
  const way = relative(cwd, script);
  if (way.startsWith(join("..", ".."))) return script;
  return way.includes(sep) ? way : `.${sep}${way}`;
}

/** The name of the program that runs. */
export const program = programName(process.argv[1] ?? "pdiff");

/** A command of this program as one would type it. */
export const commandLine = (...words: readonly string[]): string => `${program} ${shell(words)}`;

/** The command line of this process without an option, as one would type it. */
export const commandWithout = (option: string, words: readonly string[] = process.argv.slice(2)): string =>
  commandLine(...words.filter((word) => word !== option));

/** The command line that resumes this process: the same, except that nothing is done again. */
export const commandToContinue = (words?: readonly string[]): string => commandWithout("--force", words);
