/**
 * Reads some of the hostile inputs in a process of its own: node --import tsx child.ts PART PARTS.
 * Prints a line of JSON before and after each input.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { UserError } from "../../src/errors.ts";
import { hostileInputs } from "./all.ts";
import { readers } from "./readers.ts";

/** What became of an input. */
export interface Outcome {
  readonly name: string;
  /** The message of a user's error, or null where the input was read. */
  readonly refused: string | null;
  /** Any other error. */
  readonly failed: string | null;
  /** Seconds of work, of all threads. */
  readonly seconds: number;
  /** Bytes that the process took more than before it, at most. */
  readonly bytes: number;
}

const [part = 0, parts = 1] = process.argv.slice(2).map(Number);
/** Above this, what earlier inputs left is collected first. */
const GARBAGE_BYTES = 300e6;

const root = mkdtempSync(join(tmpdir(), "pdiff-hostile-"));
const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
/** The most memory that this process ever took. */
const most = () => 1024 * process.resourceUsage().maxRSS;

for (const [i, { name, reader, make }] of hostileInputs.entries()) {
  if (i % parts !== part) continue;
  const folder = join(root, String(i));
  mkdirSync(folder);
  const path = await make(folder);
  if (process.memoryUsage().rss > GARBAGE_BYTES) globalThis.gc?.();
  console.log(JSON.stringify({ name }));
  const [before, began] = [process.memoryUsage().rss, seconds()];
  const earlier = most();
  const ended = await readers[reader](path).then(
    () => ({ refused: null, failed: null }),
    (error: Error) =>
      error instanceof UserError
        ? { refused: error.message, failed: null }
        : { refused: null, failed: error.stack ?? String(error) },
  );
  // Only what exceeds the most of all earlier inputs shows.
  const bytes = most() > earlier ? most() - before : 0;
  console.log(JSON.stringify({ name, ...ended, seconds: seconds() - began, bytes } satisfies Outcome));
  rmSync(folder, { recursive: true, force: true });
}
rmSync(root, { recursive: true, force: true });
// What listens or waits does not keep the process.
process.exit(0);
