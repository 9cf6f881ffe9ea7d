/**
 * A command as a metric of checkpoints. The last line that it prints is a number or a JSON object
 * of numbers.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import type { Readable } from "node:stream";

import { UserError } from "../errors.ts";
import { show } from "../show.ts";
import { type Measure, MeasureError, numbersOf } from "./measure.ts";

/** Stands for the path of the checkpoint in a command. */
export const CHECKPOINT_PLACE = "{checkpoint}";

/** Number of characters kept from the end of the output. */
const MAX_OUTPUT = 2 ** 20;
const MAX_COMPLAINT = 2 ** 16;

/** Number of lines of stderr in a message, and of characters. */
const LINES_SHOWN = 3;
const COMPLAINT_SHOWN = 500;

/** Milliseconds between the signal that asks a program to end and the one that kills it. */
const GRACE_MS = 3_000;

/** Milliseconds to wait for the rest of the output after a program has ended. */
const DRAIN_MS = 1_000;

const WINDOWS = process.platform === "win32";

/**
 * The metric that runs a command. It fails with a `MeasureError` that has the command and the last
 * lines of stderr.
 * @param command as typed in a shell, with `{checkpoint}` for the path, which needs no quotes. The
 *   path is also in the variable PDIFF_CHECKPOINT.
 * @throws UserError `E_CONFIG` if the command has no such place or, when it runs, if a path cannot
 *   be put there.
 */
export function commandMeasure(command: string): Measure {
  if (!command.includes(CHECKPOINT_PLACE))
    throw new UserError(
      "E_CONFIG",
      `the command ${show(command)} does not say where the checkpoint's path goes; write ${CHECKPOINT_PLACE} there, as in 'python eval.py ${CHECKPOINT_PLACE}'`,
    );
  return async (checkpoint, signal) => {
    const ran = filled(command, checkpoint);
    const { printed, said, problem } = await output(ran, checkpoint, signal);
    const fail = (what: string, notFinite = false) =>
      new MeasureError(`${what}${said === "" ? "" : ` (${said})`}`, { ran, said, notFinite });
    if (problem !== undefined) throw fail(problem);
    try {
      return numbersOf(parse(printed));
    } catch (error) {
      throw error instanceof MeasureError ? fail(error.message, error.notFinite) : error;
    }
  };
}

/** The program that a command starts with, after variables that it sets; without shell syntax. */
const PROGRAM = /^\s*(?:\w+=[^\s'"$`]*\s+)*(?:"([^"$`\\]+)"|'([^']+)'|([^\s'"$`\\|&;<>(){}!#*?~]+))(?=\s|$)/;

/**
 * The program of a command if the shell does not find it. Undefined where it does, and where the
 * command's syntax leaves open what is run first.
 */
export function missingProgram(command: string): string | undefined {
  const found = PROGRAM.exec(command);
  const program = found?.[1] ?? found?.[2] ?? found?.[3];
  if (program === undefined) return undefined;
  const { status, error } = WINDOWS
    ? spawnSync("where", [program], { stdio: "ignore" })
    : spawnSync("sh", ["-c", 'command -v -- "$1"', "sh", program], { stdio: "ignore" });
  return error === undefined && status !== 0 ? program : undefined;
}

/** A path as one word of the shell, whatever its characters. */
function quoted(path: string): string {
  return WINDOWS ? `"${path.replaceAll('"', '""')}"` : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Paths that every shell and program reads literally, with and without quotes. */
const PLAIN = /^[\p{L}\p{N}_@+=:,./-]+$/u;

/**
 * Whether a position in a command is outside of all quotes, as far as that can be known without the
 * grammar of the shell.
 */
const isBare = (before: string): boolean =>
  !/`|\$[('"]|<<|(^|\s)#/.test(before) && /^(?:[^\\'"]|\\.|'[^']*'|"(?:[^\\"]|\\.)*")*$/s.test(before);

/**
 * A command with the path in its places. Quotes directly around a place belong to the path. Within
 * other quotes, as in `bash -c "…"`, it is unknown who reads the path, so only plain paths are
 * allowed there.
 */
function filled(command: string, path: string): string {
  return command.replace(/"\{checkpoint\}"|'\{checkpoint\}'|\{checkpoint\}/g, (place: string, at: number) => {
    if (WINDOWS || isBare(command.slice(0, at))) return quoted(path);
    if (PLAIN.test(path)) return place.replace(CHECKPOINT_PLACE, () => path);
    throw new UserError(
      "E_CONFIG",
      `the path ${show(path)} has characters that mean something within the quotes of ${show(command)}; write ${CHECKPOINT_PLACE} outside of them, as in bash -c 'python eval.py "$0"' ${CHECKPOINT_PLACE}, or choose a folder of letters and digits`,
    );
  });
}

/** Keeps the end of a stream. */
function tail(most: number) {
  let text = "";
  return {
    add: (chunk: string) => {
      text += chunk;
      // Not for every chunk, because cutting copies the text.
      if (text.length > 4 * most) text = text.slice(-most);
    },
    text: () => text.slice(-most),
  };
}

/** Running programs, each with the process group of its children. */
const running = new Set<ChildProcess>();

/** Sends a signal to a program and its children; does nothing if all have ended. */
function end({ pid }: ChildProcess, how: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (WINDOWS) {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, how);
  } catch {
    // It has ended already.
  }
}

/**
 * Programs have their own process groups, so Ctrl-C in a terminal does not reach them. This ends
 * them with this process.
 */
function endAll(): void {
  for (const child of running) end(child, "SIGKILL");
}

function enter(child: ChildProcess): void {
  if (running.size === 0) process.on("exit", endAll);
  running.add(child);
}

function leave(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off("exit", endAll);
}

interface Output {
  readonly printed: string;
  /** The last lines of stderr. */
  readonly said: string;
  /** How it ended, if it failed. */
  readonly problem?: string;
}

/** Runs a command in its own process group, which ends with it. Returns its output. */
function output(line: string, checkpoint: string, signal: AbortSignal): Promise<Output> {
  return new Promise((resolve) => {
    const [printed, complaint] = [tail(MAX_OUTPUT), tail(MAX_COMPLAINT)];
    const give = (problem?: string) =>
      resolve({
        printed: printed.text(),
        said: lastLines(complaint.text()),
        ...(problem !== undefined && { problem }),
      });
    if (signal.aborted) return give("it was stopped");
    let child: ReturnType<typeof start>;
    try {
      child = start(line, checkpoint);
    } catch (error) {
      return give(`it cannot be started (${(error as Error).message})`);
    }
    enter(child);
    child.stdout.setEncoding("utf8").on("data", printed.add);
    child.stderr.setEncoding("utf8").on("data", complaint.add);
    let killing: NodeJS.Timeout | undefined;
    const stop = () => {
      end(child, "SIGTERM");
      killing = setTimeout(() => end(child, "SIGKILL"), GRACE_MS);
    };
    signal.addEventListener("abort", stop, { once: true });
    const over = () => {
      signal.removeEventListener("abort", stop);
      clearTimeout(killing);
      leave(child);
    };
    child.once("error", (error) => {
      over();
      give(`it cannot be started (${error.message})`);
    });
    // The end of the program counts, not that of children that still hold its output open.
    child.once("exit", (code, by) => {
      // Its children end with it. On Windows they are unknown once the program has ended.
      if (!WINDOWS) end(child, "SIGKILL");
      over();
      const finish = () => {
        clearTimeout(wait);
        child.stdout.destroy();
        child.stderr.destroy();
        give(code === 0 ? undefined : `it ended with ${by ?? `exit code ${code}`}`);
      };
      const wait = setTimeout(finish, DRAIN_MS);
      child.once("close", finish);
    });
  });
}

/**
 * Runs `$1` in a shell. Beside it, a guard waits for the end of file descriptor 3, whose other end
 * this process holds: it comes when this process ends, however it does, and the guard then ends the
 * process group. The trap keeps this shell until the command has ended, and is not inherited.
 */
const GUARDED = `
  trap : TERM INT HUP
  (trap "" TERM INT HUP; read -r _ <&3; kill -TERM 0; sleep ${GRACE_MS / 1000}; kill -KILL 0) > /dev/null 2>&1 &
  exec 3<&-
  /bin/sh -c "$1"
  code=$?
  trap - TERM INT HUP
  [ $code -le 128 ] || kill -$((code - 128)) $$ 2> /dev/null
  exit $code`;

const start = (line: string, checkpoint: string): ChildProcessByStdio<null, Readable, Readable> => {
  const options = { env: { ...process.env, PDIFF_CHECKPOINT: checkpoint }, windowsHide: true };
  return WINDOWS
    ? spawn(line, { ...options, shell: true, stdio: ["ignore", "pipe", "pipe"] })
    : (spawn("/bin/sh", ["-c", GUARDED, "sh", line], {
        ...options,
        detached: true,
        stdio: ["ignore", "pipe", "pipe", "pipe"],
      }) as ChildProcessByStdio<null, Readable, Readable>);
};

/** Lines that are not empty. Carriage returns separate lines, too: progress bars use them. */
const linesOf = (text: string): string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

const lastLines = (text: string): string => linesOf(text).slice(-LINES_SHOWN).join(" / ").slice(-COMPLAINT_SHOWN);

/** The number or object in the last line. */
function parse(text: string): unknown {
  const last = linesOf(text).at(-1);
  if (last === undefined) throw new MeasureError("it printed nothing, expected a number or a JSON object");
  const value = valueIn(last);
  if (typeof value === "number") return value;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new MeasureError(`its last line is ${show(last)}, expected a number or a JSON object`);
}

/** Start of the strings that replace numbers which JSON lacks. */
const NO_JSON = "\0number ";

/**
 * The value of a line: JSON, including NaN and Infinity as Python writes them, or a number as
 * printed by programming languages.
 */
function valueIn(line: string): unknown {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line)) return Number(line);
  const [, sign, word] = /^([+-]?)(nan|inf)(?:inity)?$/i.exec(line) ?? [];
  if (word !== undefined) return word.toLowerCase() === "nan" ? Number.NaN : Number(`${sign}Infinity`);
  // An unterminated string is matched whole, too, so that no character is read twice.
  const json = line.replace(/"[^"\\]*(?:\\.[^"\\]*)*"?|-?\b(?:NaN|Infinity)\b/g, (piece) =>
    piece.startsWith('"') ? piece : JSON.stringify(NO_JSON + piece),
  );
  try {
    return JSON.parse(json, (_, value) =>
      typeof value === "string" && value.startsWith(NO_JSON) ? Number(value.slice(NO_JSON.length)) : value,
    );
  } catch {
    return undefined;
  }
}
