/** A user's own program as a measure of checkpoints: what it prints last is a number, or a JSON object of numbers. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";

import { UserError } from "../errors.ts";
import { show } from "../files/index.ts";
import { type Measure, MeasureError, numbersOf } from "./measure.ts";

/** What stands for the checkpoint's path in a command. */
export const CHECKPOINT_PLACE = "{checkpoint}";

/** How many characters are kept of what a program prints, the end of it. */
const MAX_OUTPUT = 2 ** 20;
const MAX_COMPLAINT = 2 ** 16;

/** Lines of complaint in a message, and characters of them. */
const LINES_SHOWN = 3;
const COMPLAINT_SHOWN = 500;

/** How long a program that is told to end may take before it is ended. */
const GRACE_MS = 3_000;

/** How long output that is on its way may take once its program has ended. */
const DRAIN_MS = 1_000;

const WINDOWS = process.platform === "win32";

/**
 * The measure that runs a command. It fails with a `MeasureError` that says what was run and the last of its complaints.
 * @param command as one types it in a shell, with `{checkpoint}` where the path goes; quotes around it are not needed. The
 *   path is in the variable PDIFF_CHECKPOINT too.
 * @throws UserError `E_CONFIG` where the command has no such place; when measuring, where a path cannot be put there.
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

/** A path as one word of the shell, whatever it holds. */
function quoted(path: string): string {
  return WINDOWS ? `"${path.replaceAll('"', '""')}"` : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Paths that mean themselves to every shell and program, within quotes and without. */
const PLAIN = /^[\p{L}\p{N}_@+=:,./-]+$/u;

/** Whether what comes next in a command is outside of all quotes, as far as that is told without a shell's whole grammar. */
const isBare = (before: string): boolean =>
  !/`|\$[('"]|<<|(^|\s)#/.test(before) && /^(?:[^\\'"]|\\.|'[^']*'|"(?:[^\\"]|\\.)*")*$/s.test(before);

/**
 * A command with a path in its places. Quotes right around a place are the path's own. Within other quotes, as in
 * `bash -c "…"`, what the path is to whoever reads it there is not known, so that only a plain one is put there.
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

/** The end of a stream. */
function tail(most: number) {
  let text = "";
  return {
    add: (chunk: string) => {
      text += chunk;
      // Not at every piece: cutting copies what is kept.
      if (text.length > 4 * most) text = text.slice(-most);
    },
    text: () => text.slice(-most),
  };
}

/** Programs at work, each with the group of what it has started. */
const running = new Set<ChildProcess>();

/** Sends a signal to a program and what it has started; nothing where all of it is over. */
function end({ pid }: ChildProcess, how: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (WINDOWS) {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, how);
  } catch {
    // It is over already.
  }
}

/** Programs have groups of their own, so a terminal's Ctrl-C does not reach them: they end with this process by this. */
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
  /** The last lines of complaint. */
  readonly said: string;
  /** How it ended, where not well. */
  readonly problem?: string;
}

/** What a command prints. It runs in a group of its own, so that what it starts ends with it. */
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
    // Its own end counts, not that of what it may have left behind holding its output open.
    child.once("exit", (code, by) => {
      // Whatever it started ends with it. On Windows nothing tells what that was once it is gone itself.
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

const start = (line: string, checkpoint: string) =>
  spawn(line, {
    shell: true,
    detached: !WINDOWS,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PDIFF_CHECKPOINT: checkpoint },
  });

/** Lines that say something; a progress bar's states, which a carriage return parts, are lines too. */
const linesOf = (text: string): string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

const lastLines = (text: string): string => linesOf(text).slice(-LINES_SHOWN).join(" / ").slice(-COMPLAINT_SHOWN);

/** The number, or the object, of the last line. */
function parse(text: string): unknown {
  const last = linesOf(text).at(-1);
  if (last === undefined) throw new MeasureError("it printed nothing, expected a number or a JSON object");
  const value = valueIn(last);
  if (typeof value === "number") return value;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new MeasureError(`its last line is ${show(last)}, expected a number or a JSON object`);
}

/** Begins a text that stands for a number which JSON does not have. */
const NO_JSON = "\0number ";

/** What a line says: JSON with the NaN and Infinity that Python writes into it, or a number as languages print it. */
function valueIn(line: string): unknown {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line)) return Number(line);
  const [, sign, word] = /^([+-]?)(nan|inf)(?:inity)?$/i.exec(line) ?? [];
  if (word !== undefined) return word.toLowerCase() === "nan" ? Number.NaN : Number(`${sign}Infinity`);
  // A text that never ends is taken whole as well, so that no character is looked at twice.
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
