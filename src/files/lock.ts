/**
 * An exclusive lock, as a file that names the process that holds it. It holds between processes,
 * containers and hosts that share the folder.
 *
 * The file is made with its whole content by one `link`, which fails when it exists. A timer renews
 * it. Another process takes it over only when the holder is gone: on the same machine, when no
 * process of this number and start time runs; elsewhere, when it was not renewed for minutes, by
 * the clock of the file system that both share.
 */
import { randomUUID } from "node:crypto";
import { constants, copyFile, type FileHandle, link, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { z } from "zod";

import { UserError } from "../errors.ts";
import { diskError } from "./atomic.ts";
import { isRunning, type ProcessIdentity, processIdentity, thisProcess } from "./process-identity.ts";
import { SILENCE_MS, temporaryName } from "./temporary.ts";

/** How often a lock is renewed. */
const RENEW_MS = 10_000;

/** A process takes over a lock within this time; one that takes longer was killed meanwhile. */
const TAKEOVER_MS = 60_000;
const RETRY_MS = 50;

const lockFile = processIdentity.extend({
  /** Of this lock alone. */
  token: z.string(),
  /** The inode of the folder: a copy of the folder is not locked. */
  folder: z.string(),
});

type LockFile = z.output<typeof lockFile>;

export interface Lock {
  /** Aborted, with a UserError `E_RUN`, when another process has taken the lock over. */
  readonly lost: AbortSignal;
  /** Gives the lock back. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Milliseconds between renewals. */
  readonly renewEveryMs?: number;
}

/**
 * Takes the lock of a folder.
 * @param path the lock's file, in the folder it protects.
 * @throws UserError `E_RUN` when another holder is at work, `E_DISK` when the file cannot be
 *   written.
 */
export async function takeLock(path: string, { renewEveryMs = RENEW_MS }: LockOptions = {}): Promise<Lock> {
  const token = randomUUID();
  const text = JSON.stringify({ ...thisProcess(), token, folder: await inodeOf(dirname(path)) } satisfies LockFile);
  const draft = temporaryName(path);
  let own: FileHandle;
  try {
    await writeFile(draft, text, { flush: true });
    await claim(path, draft, text);
    own = await open(path, "r+");
  } catch (error) {
    throw diskError("write", path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
  const lost = new AbortController();
  const renew = async () => {
    if ((await tokenIn(path)) !== token) return lose();
    // In place: the file system sets the time, and the file of another holder is never touched.
    await own.write(text, 0);
  };
  const timer = setInterval(() => void renew().catch(lose), renewEveryMs).unref();
  const lose = () => {
    clearInterval(timer);
    lost.abort(
      new UserError(
        "E_RUN",
        `another process has taken over ${dirname(path)}, because this one was silent for too long; run the same command again when the other one has ended`,
      ),
    );
  };
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      if ((await tokenIn(path)) === token) await rm(path, { force: true });
      await own.close();
    },
  };
}

/**
 * The process that holds a lock; undefined when the lock is free, or its holder is gone.
 */
export async function lockHolder(path: string): Promise<ProcessIdentity | undefined> {
  const found = await read(path);
  return found !== undefined && (await isHeld(path, found, { now: Date.now(), silence: SILENCE_MS }))
    ? found
    : undefined;
}

/** A holder in words, for messages. */
export const holderText = ({ host, machine, pid }: ProcessIdentity): string =>
  machine === thisProcess().machine ? `process ${pid}` : `process ${pid} on ${host}`;

/**
 * Makes the lock's file from a draft of it; takes over a lock whose holder is gone.
 * @param text the content of the draft.
 */
async function claim(path: string, draft: string, text: string): Promise<void> {
  for (;;) {
    if (await linked(draft, path)) return;
    // Written again in each round: its time is now, by the clock of the file system.
    await writeFile(draft, text);
    const now = (await stat(draft)).mtimeMs;
    const found = await read(path);
    if (found === undefined) continue;
    if (await isHeld(path, found, { now, silence: SILENCE_MS })) throw busy(path, found);
    await removeStale(path, found, { draft, now });
  }
}

/** File systems without links say so with one of these codes. */
const NO_LINKS = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"]);

/** Gives a file a second name; false if the name is taken. Copies it where links are not known. */
async function linked(from: string, to: string): Promise<boolean> {
  const make = (how: () => Promise<void>): Promise<string> =>
    how().then(
      () => "",
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST" || NO_LINKS.has(error.code ?? "")) return error.code ?? "";
        throw error;
      },
    );
  const problem = await make(() => link(from, to));
  if (!NO_LINKS.has(problem)) return problem === "";
  return (await make(() => copyFile(from, to, constants.COPYFILE_EXCL))) === "";
}

/**
 * Removes the lock of a holder that is gone. Only one process at a time does this, or a second one
 * would remove the lock that the first has just made: the one that a second file names. It may be
 * killed meanwhile, too.
 */
async function removeStale(
  path: string,
  { token }: LockFile,
  { draft, now }: { readonly draft: string; readonly now: number },
): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await linked(draft, guard))) {
    const [owner, clock] = [await read(guard), { now, silence: TAKEOVER_MS }];
    // A damaged one may be half a copy, on a file system without links.
    const isOwned = owner?.token === "" ? isRecent(guard, clock) : owner !== undefined && isHeld(guard, owner, clock);
    if (owner === undefined || (await isOwned)) await pause(RETRY_MS);
    else if ((await tokenIn(guard)) === owner.token) await rm(guard, { force: true });
    return;
  }
  try {
    if ((await tokenIn(path)) === token) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/**
 * The time by the clock of the file system, and the milliseconds after which a process of which
 * nothing else is known counts as gone, if it has not renewed its file.
 */
interface Clock {
  readonly now: number;
  readonly silence: number;
}

/** Whether the process that a file names is at work. */
async function isHeld(path: string, found: LockFile, clock: Clock): Promise<boolean> {
  if (found.folder !== (await inodeOf(dirname(path)))) return false;
  return isRunning(found) ?? isRecent(path, clock);
}

async function isRecent(path: string, { now, silence }: Clock): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && Math.abs(now - status.mtimeMs) < silence;
}

const busy = (path: string, holder: ProcessIdentity): UserError =>
  new UserError(
    "E_RUN",
    `${holderText(holder)} is at work in ${dirname(path)}; wait for it, stop it, or choose another folder`,
  );

const inodeOf = async (folder: string): Promise<string> => String((await stat(folder, { bigint: true })).ino);

/** A lock's file; undefined when it does not exist. A damaged one names a process that is gone. */
async function read(path: string): Promise<LockFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return lockFile.parse(JSON.parse(text));
  } catch {
    return { host: "", machine: "", pid: 1, started: "", token: "", folder: "" };
  }
}

const tokenIn = async (path: string): Promise<string | undefined> => (await read(path).catch(() => undefined))?.token;
