/**
 * Where a command prints: results to stdout, everything else to stderr. What goes to a terminal is
 * laid out at its width; lines for other programs stay whole.
 */
import { pathToFileURL } from "node:url";
import pc from "picocolors";

import { withProgramName } from "../invocation.ts";
import { hanging, layOut, type Text } from "./layout.ts";

/** What the global options choose. */
export interface GlobalOptions {
  /** One JSON document on stdout and nothing else. */
  readonly json?: boolean;
  /** No progress and no hints, only results, warnings and errors. */
  readonly quiet?: boolean;
  /** False with `--no-color`. */
  readonly color?: boolean;
}

/** The outputs of a command. */
export interface Terminal {
  /** Whether stderr is a terminal, so that a line may be rewritten in place. */
  readonly live: boolean;
  /** Whether messages are suppressed: with `--quiet` and with `--json`. */
  readonly silent: boolean;
  /** Colours for stderr; without effect if colours are off. */
  readonly colours: ReturnType<typeof pc.createColors>;
  /** Prints a result on stdout: with `--json` the value as JSON, otherwise the text. */
  result(value: unknown, text: Text): void;
  /** Prints a message on stderr, unless silent. */
  say(text: Text): void;
  /** Prints a command to go on with on stderr, unless silent: in one line, to be copied. */
  next(command: string, title?: string): void;
  /** A path in a result, which terminals that know links open when it is clicked. */
  link(path: string): string;
  /** Prints a warning on stderr, also with `--quiet`. With `--json` it goes to `warnings`. */
  warn(text: string): void;
  /** Whether the user can be asked: both stdin and stderr are terminals, and messages are shown. */
  readonly canAsk: boolean;
  /** Asks a question on stderr; whether the answer was yes. */
  ask(question: string): Promise<boolean>;
  /** The warnings so far, for the document of `--json`. */
  readonly warnings: readonly string[];
}

/** On a narrower terminal, lines run over its edge. */
const MIN_COLUMNS = 20;

/** Whether an environment variable is set and not 0 or false. */
const isSet = (variable: string | undefined): boolean => !["", "0", "false", undefined].includes(variable);

/** The width of an output in characters; `Infinity` where it is no terminal. */
export function columnsOf({ isTTY = false, columns = 0 }: { isTTY?: boolean; columns?: number }): number {
  if (!isTTY) return Infinity;
  // A terminal that does not know its width says 0.
  return columns > 0 ? Math.max(MIN_COLUMNS, columns) : 80;
}

/** The terminal of this process. */
export function terminal({ json = false, quiet = false, color = true }: GlobalOptions): Terminal {
  const { env, stdout, stderr } = process;
  const watched = stderr.isTTY === true && env.TERM !== "dumb";
  const forced = isSet(env.FORCE_COLOR);
  const colours = pc.createColors(color && !env.NO_COLOR && (watched || forced));
  const silent = quiet || json;
  const warnings: string[] = [];
  const say = (text: Text) => {
    if (silent) return;
    const named = typeof text === "string" ? withProgramName(text) : text;
    stderr.write(`${layOut(named, columnsOf(stderr))}\n`);
  };
  return {
    live: watched && !isSet(env.CI),
    silent,
    colours,
    result: (value, text) =>
      void stdout.write(`${json ? JSON.stringify(value, null, 2) : layOut(text, columnsOf(stdout))}\n`),
    say,
    next: (command, title = "next") => say(() => `\n${title}: ${command}`),
    link(path) {
      const isPlain = json || stdout.isTTY !== true || env.TERM === "dumb" || env.NO_COLOR;
      return isPlain ? path : `\u001b]8;;${pathToFileURL(path)}\u0007${path}\u001b]8;;\u0007`;
    },
    warn(message) {
      const text = withProgramName(message);
      if (json) warnings.push(text);
      else stderr.write(`${layOut(hanging(`${colours.yellow("warning")}  `, text), columnsOf(stderr))}\n`);
    },
    canAsk: watched && process.stdin.isTTY === true && !silent,
    async ask(question) {
      const { createInterface } = await import("node:readline/promises");
      const lines = createInterface({ input: process.stdin, output: stderr });
      try {
        return /^y(es)?$/i.test((await lines.question(question)).trim());
      } finally {
        lines.close();
      }
    },
    warnings,
  };
}
