/**
 * Turns errors into messages and exit codes: one line for a user's mistake, a stack for a bug.
 */
import { CommanderError } from "commander";

import { type ErrorCode, UserError } from "../errors.ts";
import { commandLine, withProgramName } from "./invocation.ts";
import { layOut } from "./terminal/layout.ts";

/** The exit codes of mistakes; those not named here give 1. */
const EXIT_CODES: Partial<Record<ErrorCode, number>> = { E_USAGE: 2, E_CONFIG: 2, E_DATA: 3 };

/** The user stopped a command, and it has saved what it had. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a failed command prints on stderr and exits with. */
export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/** What a system that refuses memory makes of an allocation. */
const NO_MEMORY = /Array buffer allocation failed|Out of memory|failed to map segment|Cannot allocate memory/i;

/** The mistake of the user behind an error of Node; undefined where it is none. */
function mistakeBehind(error: unknown): UserError | undefined {
  if (!(error instanceof Error) || error instanceof UserError) return undefined;
  const [reason = ""] = error.message.split("\n");
  if (NO_MEMORY.test(reason))
    return new UserError(
      "E_DEVICE",
      `the system gives this process no more memory (${reason}); raise its limit (ulimit -v, or that of the container), or generate fewer tensors (zoo.select)`,
    );
  if ((error as NodeJS.ErrnoException).code === "ERR_DLOPEN_FAILED")
    return new UserError(
      "E_DEVICE",
      `a library cannot be loaded (${reason}); install the packages again on this system`,
    );
  return undefined;
}

/** The code, message and exit code of anything that was thrown. */
function classify(thrown: unknown): { code: string; message: string; exitCode: number } {
  const error = mistakeBehind(thrown) ?? thrown;
  if (error instanceof UserError) {
    const { code, message } = error;
    const line = withProgramName(message.replace(/\s*\n\s*/g, " "));
    return { code, message: line, exitCode: EXIT_CODES[code] ?? 1 };
  }
  if (error instanceof Stopped) return { code: "E_INTERRUPTED", message: error.message, exitCode: error.exitCode };
  return { code: "E_BUG", message: error instanceof Error ? error.message : String(error), exitCode: 1 };
}

/** The exit code of a command that fails with an error. */
export const exitCodeOf = (error: unknown): number => classify(error).exitCode;

/**
 * The failure for an error: text, or with `json` one line of JSON.
 * @param columns the width at which the message of a mistake is wrapped (default: not wrapped).
 */
export function failureOf(error: unknown, json: boolean, columns = Infinity): Failure {
  const { code, message, exitCode } = classify(error);
  if (json) return { text: JSON.stringify({ error: { code, message } }), exitCode };
  if (code === "E_INTERRUPTED") return { text: message, exitCode };
  if (code !== "E_BUG") return { text: layOut(`pdiff: ${message}`, columns), exitCode };
  const stack = (error instanceof Error ? error.stack : undefined) ?? message;
  return {
    text: `${stack}\npdiff: this is a bug; please report it with the lines above and what ${commandLine("doctor")} prints`,
    exitCode,
  };
}

/** Converts Commander's error to a UserError, in one line that ends with where to read on. */
export function usageError({ code, message }: CommanderError, command: string): UserError {
  // A verb with subcommands, called without one: Commander's message is its whole help.
  const line =
    code === "commander.help" ? "a subcommand is missing" : message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  return new UserError("E_USAGE", `${line}; see ${command} --help`);
}

/** Whether Commander stopped because it printed the help or the version. */
export const isDone = (error: unknown): error is CommanderError =>
  error instanceof CommanderError && error.exitCode === 0;
