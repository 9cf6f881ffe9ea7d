/** A user's own program as a measure of checkpoints: what it prints last is a number, or a JSON object of numbers. */
import { spawn } from "node:child_process";

import { UserError } from "../errors.ts";
import { show } from "../files/index.ts";
import type { Measure } from "./measures.ts";

/** What stands for the checkpoint's path in a command. */
const PLACE = "{checkpoint}";

/** How much is kept of what a program prints, the end of it. */
const MOST_OUTPUT = 2 ** 20;
const MOST_COMPLAINT = 2 ** 16;

/** Lines of complaint in a message. */
const LINES_SHOWN = 3;

/** How long a program that is told to end may take before it is ended. */
const GRACE_MS = 3_000;

/**
 * The measure that runs a command.
 * @param command as one types it in a shell, with `{checkpoint}` where the path goes; quotes around it are not needed.
 * @throws UserError `E_CONFIG` where the command has no such place.
 */
export function commandMeasure(command: string): Measure {
  if (!command.includes(PLACE))
    throw new UserError(
      "E_CONFIG",
      `the command ${show(command)} does not say where the checkpoint's path goes; write ${PLACE} there, as in 'python eval.py ${PLACE}'`,
    );
  return async (checkpoint, signal) =>
    parse(await output(command.replaceAll(PLACE, quoted(checkpoint)), checkpoint, signal));
}

/** A path as one word of the shell, whatever it holds. */
function quoted(path: string): string {
  return process.platform === "win32" ? `"${path.replaceAll('"', '""')}"` : `'${path.replaceAll("'", "'\\''")}'`;
}

/** The end of a stream. */
function tail(most: number) {
  let text = "";
  return {
    add: (chunk: string) => {
      text = (text + chunk).slice(-most);
    },
    text: () => text,
  };
}

/** What a command prints. It runs in a group of its own, so that what it starts ends with it. */
function output(line: string, checkpoint: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(line, {
      shell: true,
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PDIFF_CHECKPOINT: checkpoint },
    });
    const [printed, complaint] = [tail(MOST_OUTPUT), tail(MOST_COMPLAINT)];
    child.stdout.setEncoding("utf8").on("data", printed.add);
    child.stderr.setEncoding("utf8").on("data", complaint.add);
    let killing: NodeJS.Timeout | undefined;
    const end = (how: NodeJS.Signals) => {
      if (child.pid === undefined) return;
      try {
        if (process.platform === "win32") child.kill(how);
        else process.kill(-child.pid, how);
      } catch {
        // It is over already.
      }
    };
    const stop = () => {
      end("SIGTERM");
      killing = setTimeout(() => end("SIGKILL"), GRACE_MS);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    child.once("error", (error) => reject(new Error(`it cannot be started (${error.message})`)));
    // Its own end counts, not that of what it may have left behind holding its output open.
    child.once("exit", (code, by) => {
      signal.removeEventListener("abort", stop);
      clearTimeout(killing);
      // Whatever it started ends with it.
      end("SIGKILL");
      const finish = () => {
        child.stdout.destroy();
        child.stderr.destroy();
        const said = lastLines(complaint.text());
        if (code === 0) resolve(printed.text());
        else reject(new Error(`it ended with ${by ?? `exit code ${code}`}${said === "" ? "" : ` (${said})`}`));
      };
      // Output that is on its way is taken in, for as long as it keeps coming at once.
      if (child.stdout.readableEnded && child.stderr.readableEnded) finish();
      else {
        const wait = setTimeout(finish, 1000);
        child.once("close", () => {
          clearTimeout(wait);
          finish();
        });
      }
    });
  });
}

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

const lastLines = (text: string): string => linesOf(text).slice(-LINES_SHOWN).join(" / ").slice(-500);

/** The number, or the numbers, of the last line. */
function parse(text: string): number | Record<string, number> {
  const last = linesOf(text).at(-1);
  if (last === undefined) throw new Error("it printed nothing, expected a number or a JSON object");
  let value: unknown;
  try {
    value = JSON.parse(last);
  } catch {
    // Python writes these for what JSON has no numbers for.
    value = /^[+-]?(nan|inf(inity)?)$/i.test(last) ? Number.NaN : Number(last);
    if (Number.isNaN(value) && !/nan|inf/i.test(last)) value = undefined;
  }
  if (typeof value === "number") return value;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, number>;
  throw new Error(`its last line is ${show(last)}, expected a number or a JSON object`);
}
