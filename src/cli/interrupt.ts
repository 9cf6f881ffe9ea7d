/**
 * Ctrl-C: the first asks the run to stop and save, the second ends the process at once. A closed
 * terminal and a lost connection (SIGHUP) count as Ctrl-C does.
 */
import type { EventEmitter } from "node:events";

/** The exit codes that shells give to processes ended by these signals. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type Stop = keyof typeof EXIT_CODES;

export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code after a signal; undefined before. */
  readonly exitCode: number | undefined;
  /** Removes the listeners. */
  release(): void;
}

export interface InterruptionOptions {
  /** Called at the first signal. */
  onStop: () => void;
  /** The source of signals; the process by default. */
  signals?: Pick<EventEmitter, "on" | "off">;
  exit?: (code: number) => void;
}

/** Listens for SIGINT, SIGTERM and SIGHUP until released. */
export function listenForStop({ onStop, signals = process, exit = process.exit }: InterruptionOptions): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const handler = (name: Stop) => {
    if (exitCode !== undefined) return exit(EXIT_CODES[name]);
    exitCode = EXIT_CODES[name];
    onStop();
    controller.abort();
  };
  const names = Object.keys(EXIT_CODES) as Stop[];
  for (const name of names) signals.on(name, handler);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const name of names) signals.off(name, handler);
    },
  };
}
