/** Starts the program as a user does, from another folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { inject } from "vitest";

/** The launcher at the root of the repository, which runs the source. */
export const launcher = fileURLToPath(new URL("../../pdiff", import.meta.url));

/** The program as npm installs it. */
export const program = inject("program");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  cwd: string;
  env?: Readonly<Record<string, string>>;
  /** Called with all of stderr so far, whenever there is more. */
  watch?: (stderr: string, child: ChildProcess) => void;
}

/** Runs `file` with arguments until it ends. */
export function call(file: string, words: readonly string[], { cwd, env, watch }: SpawnOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      watch?.(stderr, child);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
