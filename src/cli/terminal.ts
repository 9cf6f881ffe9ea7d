/** Where a command writes: data to stdout, everything else to stderr. */
import pc from "picocolors";

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
  /** Whether somebody watches stderr, so that a line may be rewritten in place. */
  readonly live: boolean;
  /** Whether chatter is unwanted: with `--quiet` and with `--json`. */
  readonly silent: boolean;
  /** Colours for stderr; they do nothing where colours are not wanted. */
  readonly colours: ReturnType<typeof pc.createColors>;
  /** A result: the value as JSON with `--json`, otherwise the text, on stdout. */
  result(value: unknown, text: string): void;
  /** Chatter on stderr. */
  say(text: string): void;
  /** What must be read even with `--quiet`, on stderr. With `--json` it is kept for `warnings`. */
  warn(text: string): void;
  /** Warnings of a command with `--json`, for its document. */
  readonly warnings: readonly string[];
}

/** Set and not denied, as CI systems do it. */
const isSet = (variable: string | undefined): boolean => !["", "0", "false", undefined].includes(variable);

/** The terminal of this process. */
export function terminal({ json = false, quiet = false, color = true }: GlobalOptions): Terminal {
  const { env, stdout, stderr } = process;
  const watched = stderr.isTTY === true && env.TERM !== "dumb";
  const forced = isSet(env.FORCE_COLOR);
  const colours = pc.createColors(color && !env.NO_COLOR && (watched || forced));
  const silent = quiet || json;
  const warnings: string[] = [];
  return {
    live: watched && !isSet(env.CI),
    silent,
    colours,
    result: (value, text) => void stdout.write(`${json ? JSON.stringify(value, null, 2) : text}\n`),
    say: (text) => void (silent || stderr.write(`${text}\n`)),
    warn(text) {
      if (json) warnings.push(text);
      else stderr.write(`${colours.yellow("warning")}  ${text}\n`);
    },
    warnings,
  };
}
