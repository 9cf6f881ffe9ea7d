/**
 * The one error class of the project: something a user can mend. It prints as a single line without a stack; any other
 * error is a bug and prints with one.
 */

/** What went wrong, for programs: the exit code follows from it (`E_USAGE` and `E_CONFIG` 2, `E_DATA` 3, the rest 1). */
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

/** A mistake outside the program. The message says what was got, what was expected and what to do. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Edit distance (insertions, deletions, substitutions, swaps of neighbours) between two short strings. */
function editDistance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => {
    const row = new Array<number>(b.length + 1).fill(0);
    row[0] = i;
    return row;
  });
  for (let j = 0; j <= b.length; j++) d[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(d[i - 1]![j]! + 1, d[i]![j - 1]! + 1, d[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, d[i - 2]![j - 2]! + 1);
      d[i]![j] = best;
    }
  }
  return d[a.length]![b.length]!;
}

/** The known name nearest to a mistyped one, or undefined where none is near (more than a third of its letters differ). */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean X?` where a known name is near, then the list of known names. Starts with a space. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `${near === undefined ? "" : ` Did you mean ${near}?`} Known: ${known.join(", ")}.`;
}

/** Thrown when a run is asked to stop, after everything needed to go on has been saved. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Checks now and then that nobody asked to stop. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted("stopped");
}
