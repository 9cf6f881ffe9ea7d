/**
 * Names of temporary files. A name says which process writes the file, so that another process can
 * tell whether the writer is gone.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { isRunning, thisProcess } from "./process-identity.ts";

const ENDING = ".tmp";

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

async function isAbandoned(path: string): Promise<boolean> {
  const [, machine, pid, started] = /\.([0-9a-f]{12})-(\d+)-(\d*)-\d+\.tmp$/.exec(path) ?? [];
  if (machine === undefined || pid === undefined || started === undefined) return true;
  const running = isRunning({ host: "", machine, pid: Number(pid), started });
  if (running !== undefined) return !running;
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && Math.abs(Date.now() - status.mtimeMs) > SILENCE_MS;
}
