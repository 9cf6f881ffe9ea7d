/**
 * Names of temporary files. A name says which process writes the file, so that another process can
 * tell whether the writer is gone.
 */
import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { isRunning, thisProcess } from "./process-identity.ts";

const ENDING = ".tmp";

/** The writer within a name: machine, process, and when the process started. */
const WRITER = /\.([0-9a-f]{12})-(\d+)-(\d*)-\d+\.tmp$/;

/** After this time without a sign of life, a writer on another machine counts as gone. */
export const SILENCE_MS = 300_000;

/** Number of names made: two writers of a file, even in one process, never share one. */
let names = 0;

/** A name for a temporary file or folder beside `path`, which nobody else uses. */
export function temporaryName(path: string): string {
  const { machine, pid, started } = thisProcess();
  return `${path}.${machine}-${pid}-${started}-${++names}${ENDING}`;
}

/** Whether a file is a temporary one, of any process. */
export const isTemporary = (name: string): boolean => name.endsWith(ENDING);

/**
 * The temporary files and folders directly in a folder whose writers are gone. A writer on another
 * machine counts as gone when it has not written for five minutes.
 */
export async function abandonedTemporaries(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  const abandoned: string[] = [];
  for (const name of entries.filter(isTemporary)) if (await isAbandoned(join(folder, name))) abandoned.push(name);
  return abandoned.map((name) => join(folder, name));
}

/**
 * Removes what writers that are gone left of one file or folder, beside its path. Files of other
 * programs stay, whatever their names end with.
 */
export async function removeTemporariesOf(path: string): Promise<void> {
  const start = `${basename(path)}.`;
  for (const left of await abandonedTemporaries(dirname(path)))
    if (WRITER.test(left) && basename(left).startsWith(start)) await rm(left, { recursive: true, force: true });
}

async function isAbandoned(path: string): Promise<boolean> {
  const [, machine, pid, started] = WRITER.exec(path) ?? [];
  if (machine === undefined || pid === undefined || started === undefined) return true;
  const running = isRunning({ host: "", machine, pid: Number(pid), started });
  if (running !== undefined) return !running;
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && Math.abs(Date.now() - status.mtimeMs) > SILENCE_MS;
}
