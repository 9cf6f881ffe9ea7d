/** Starts processes with a mark in their environment, and finds those that bear it: Linux alone. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const MARK = "PDIFF_KILLS";

/** How a process ended. */
export interface Ended {
  /** The exit code; null when it was killed here. */
  readonly code: number | null;
  readonly seconds: number;
  /** Processes that it had started and that were alive when it was killed. */
  readonly others: number;
  /** What it wrote to stderr. */
  readonly stderr: string;
}

/** What processes are started with. */
export interface Surroundings {
  /** Borne by the process and by all that it starts. */
  readonly mark: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs Node; kills it, and it alone, after some seconds. */
export function runNode(
  words: readonly string[],
  { mark, cwd, env }: Surroundings,
  killAfter: number | undefined,
): Promise<Ended> {
  const began = performance.now();
  const child: ChildProcess = spawn(process.execPath, words, {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env, NO_COLOR: "1", [MARK]: mark },
  });
  let [stderr, killed, others] = ["", false, 0];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const timer =
    killAfter === undefined
      ? undefined
      : setTimeout(() => {
          others = marked(mark).length - 1;
          killed = child.kill("SIGKILL");
        }, 1000 * killAfter);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    // Others may hold its stderr for longer.
    child.on("exit", (code) => {
      clearTimeout(timer);
      const seconds = (performance.now() - began) / 1000;
      setTimeout(
        () => resolve({ code: killed ? null : (code ?? -1), seconds, others: killed ? others : 0, stderr }),
        50,
      );
    });
  });
}

/** The command lines of the processes that bear a mark. */
export function marked(mark: string): string[] {
  const wanted = `${MARK}=${mark}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(wanted)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return command === "" ? [] : [`${pid} ${command}`];
      } catch {
        // It has ended, or belongs to somebody else.
        return [];
      }
    });
}

/** The processes that bear a mark after some seconds; returns at once when there are none. */
export async function orphans(mark: string, seconds: number): Promise<string[]> {
  const until = performance.now() + 1000 * seconds;
  for (;;) {
    const found = marked(mark);
    if (found.length === 0 || performance.now() > until) return found;
    await pause(200);
  }
}
