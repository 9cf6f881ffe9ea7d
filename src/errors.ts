import { at } from "./lookup.ts";
/**
 * The error class of the project, for mistakes that the user can correct. It prints as one line
 * without a stack; any other error is a bug and prints with its stack.
 */

/**
 * What went wrong, for programs. Exit codes: `E_USAGE` and `E_CONFIG` 2, `E_DATA` 3, others 1.
 * @category Progress and errors
 */
export type ErrorCode =
  | "E_USAGE"
  | "E_CONFIG"
  | "E_DATA"
  | "E_CHECKPOINT"
  | "E_SHAPE"
  | "E_DEVICE"
  | "E_RUN"
  | "E_GATE"
  | "E_DISK";

/**
 * A mistake of the user. The message says what was found, what was expected and what to do.
 * @category Progress and errors
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Edit distance of two short strings: insertions, deletions, substitutions, transpositions. */
function editDistance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => {
    const row = new Array<number>(b.length + 1).fill(0);
    row[0] = i;
    return row;
  });
  for (let j = 0; j <= b.length; j++) at(d, 0)[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(at(d, i - 1), j) + 1, at(at(d, i), j - 1) + 1, at(at(d, i - 1), j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(at(d, i - 2), j - 2) + 1);
      at(d, i)[j] = best;
    }
  }
  return at(at(d, a.length), b.length);
}

/**
 * The known name nearest to a mistyped one; undefined if more than a third of its letters would
 * have to change.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean X?` if a known name is near, then all known names. Starts with a space. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `${near === undefined ? "" : ` Did you mean ${near}?`} Known: ${known.join(", ")}.`;
}

/**
 * Thrown when a run was asked to stop, after everything needed to resume has been saved.
 * @category Progress and errors
 */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** @throws Interrupted when the signal has aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted("stopped");
}
