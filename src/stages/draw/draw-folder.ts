/**
 * The folder of a draw: the networks, `draw.json` while it is under way, and `index.json` once it
 * is done. Both say which draw it is, so that the same call goes on with it and no other does.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { UserError } from "../../errors.ts";
import { exists, isTemporary, readJson, remove, writeJson } from "../../files/index.ts";
import { changesOf, changeText } from "../../recipe/index.ts";
import { type Draw, type DrawIdentity, draw as record, SCHEMA_VERSION } from "../../records/index.ts";

/** The files of a folder of a draw that are no networks. */
const filesIn = (folder: string) => ({
  lock: join(folder, "lock.json"),
  state: join(folder, "draw.json"),
  index: join(folder, "index.json"),
  /** What is drawn and not yet whole. */
  work: join(folder, "drawing"),
});

/** The folder of a draw that this process may write. */
export interface DrawFolder {
  readonly work: string;
  /** What is there of this draw. */
  readonly state: Draw;
  readonly done: boolean;
  /** Records networks that are written, and removes those that are not kept. */
  save(next: Draw): Promise<void>;
  /** Says that the draw is whole. */
  finish(last: Draw): Promise<void>;
}

/** The path of the lock of a folder of a draw. */
export const drawLock = (folder: string): string => filesIn(folder).lock;

/**
 * Opens a folder that this process has locked for a draw: an empty one, or one that holds the
 * beginning of the same draw.
 * @throws UserError `E_USAGE` when it holds anything else.
 */
export async function openDrawFolder(folder: string, draw: DrawIdentity): Promise<DrawFolder> {
  const files = filesIn(folder);
  const [begun, done] = [await readState(files.state), await readState(files.index)];
  const found = done ?? begun;
  if (found !== undefined) requireSame(folder, found.draw, draw);
  else await requireEmpty(folder);
  const isThere = async ({ networks }: Draw) =>
    (await Promise.all(networks.map(({ file }) => exists(join(folder, file))))).every(Boolean);
  const there = found !== undefined && (await isThere(found)) ? found : undefined;
  const remaining = async ({ networks }: Draw) => {
    const kept = new Set(networks.map(({ file }) => file));
    for (const name of await readdir(folder)) if (isNetwork(name) && !kept.has(name)) await remove(join(folder, name));
  };
  const save = async (next: Draw) => {
    await writeJson(files.state, next);
    await remaining(next);
    await remove(files.work);
  };
  const fresh = { schemaVersion: SCHEMA_VERSION, draw, metric: null, scores: null, drawn: 0, networks: [] } as const;
  const from: Draw = there ?? fresh;
  if (there === undefined) {
    await remove(files.index);
    await save(from);
  }
  return {
    work: files.work,
    state: from,
    done: there !== undefined && there === done,
    save,
    async finish(last) {
      await writeJson(files.index, last);
      await remove(files.state);
    },
  };
}

/** The names of networks: a number, and the ending of their format. */
const isNetwork = (name: string): boolean => /^\d{4,}(\.|$)/.test(name) && !isTemporary(name);

const readState = async (path: string): Promise<Draw | undefined> =>
  record.safeParse(await readJson(path).catch(() => undefined)).data;

function requireSame(folder: string, there: DrawIdentity, here: DrawIdentity): void {
  if (isDeepStrictEqual(there, here)) return;
  const { generator: _, zoo: __, ...said } = here;
  const other = changesOf(
    Object.fromEntries(Object.keys(said).map((key) => [key, there[key as keyof typeof said]])),
    said,
  );
  const how = other.length === 0 ? "of another generator" : other.map(changeText).join(", ");
  throw new UserError(
    "E_USAGE",
    `${folder} holds another draw (${how}); choose another folder with --to, or remove it`,
  );
}

async function requireEmpty(folder: string): Promise<void> {
  const [found] = (await readdir(folder)).filter(
    (name) => join(folder, name) !== drawLock(folder) && !isTemporary(name),
  );
  if (found !== undefined)
    throw new UserError(
      "E_USAGE",
      `${folder} is not empty (it holds ${found}), and networks are drawn into a folder of their own; choose another one with --to`,
    );
}
