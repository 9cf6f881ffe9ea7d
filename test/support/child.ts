/** A run in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { Orders } from "./run-child.ts";

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first words on stdout. */
  readonly spoken: Promise<string>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts run-child.ts. */
export function startRun(orders: Orders): Child {
  const script = fileURLToPath(new URL("./run-child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(orders)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const spoken = new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? signal!));
  });
  return { process: child, spoken, ended };
}
