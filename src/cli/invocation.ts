/** How the user called this program, so that printed commands can be pasted. */
import { basename, delimiter, dirname, join, relative, sep } from "node:path";

import { shell } from "./format.ts";

/** The package, which is also the name that npx finds the program by. */
const PACKAGE = "neural-network-diffusion";

/** The names that npm links the program under. */
export const programNames: readonly string[] = ["pdiff", "nnd", PACKAGE];

/** The program in a project's `node_modules`: a link to it, or the file that other managers run. */
const IN_PROJECT = new RegExp(
  `[/\\\\]node_modules[/\\\\](\\.bin[/\\\\](${programNames.join("|")})|${PACKAGE}[/\\\\]dist[/\\\\]pdiff\\.js)$`,
);

/** What `programName` reads of the process. */
export interface Surroundings {
  /** The working folder (default: that of the process). */
  readonly cwd?: string;
  /** The folders in which the shell looks for programs (default: PATH). */
  readonly path?: string;
  /** Whether npx, `npm run` or the like started it (default: if npm_config_user_agent is set). */
  readonly byManager?: boolean;
}

/**
 * What the user types to start this program: its name if the shell finds it, `npx` and the name of
 * the package if npx or the like found it in a project, else the script's path, such as `./pdiff`.
 * Never `npx pdiff`: outside of a project that has this package, that is another package.
 * @param script the path of the script that runs.
 */
export function programName(
  script: string,
  {
    cwd = process.cwd(),
    path = process.env.PATH ?? "",
    byManager = process.env.npm_config_user_agent !== undefined,
  }: Surroundings = {},
): string {
  // npx and its like add the project's programs to the PATH of this process, not to the shell's.
  if (byManager && IN_PROJECT.test(script)) return `npx ${PACKAGE}`;
  const name = basename(script);
  if (!programNames.includes(name)) return "pdiff";
  if (path.split(delimiter).includes(dirname(script))) return name;
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

/** A command inside of a sentence, such as "collect again: pdiff collect RUN". */
const COMMAND = /(?<![\w./\\-])pdiff (?=[a-z])/g;

/** A message with its commands as the user types them: other rooms know the program as `pdiff`. */
export const withProgramName = (text: string, name: string = program): string =>
  text.replace(COMMAND, () => `${name} `);
