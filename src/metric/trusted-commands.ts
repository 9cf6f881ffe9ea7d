/**
 * The evaluation commands that this user has typed or confirmed on this machine. A recipe or a run
 * from elsewhere can hold any command; only those on this list are run.
 */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { UserError } from "../errors.ts";
import { readJson, writeJson } from "../files/index.ts";
import { showWhole } from "../show.ts";

/** By the SHA-256 of a command, the command itself, so that people can read the file. */
const listSchema = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string());

/** Where the list is kept: the folder for settings of programs. */
function listFile(): string {
  const { XDG_CONFIG_HOME, APPDATA } = process.env;
  const folder = (process.platform === "win32" ? APPDATA : XDG_CONFIG_HOME) || join(homedir(), ".config");
  return join(folder, "pdiff", "commands.json");
}

const hashOf = (command: string): string => createHash("sha256").update(command).digest("hex");

async function readList(): Promise<z.output<typeof listSchema>> {
  const parsed = listSchema.safeParse(await readJson(listFile()).catch(() => undefined));
  return parsed.success ? parsed.data : {};
}

/** Whether this user has typed or confirmed a command on this machine. */
export const isTrusted = async (command: string): Promise<boolean> => hashOf(command) in (await readList());

/**
 * Remembers a command that the user has typed or confirmed. Where the list cannot be written, the
 * command has to be confirmed again.
 */
export async function trustCommand(command: string): Promise<void> {
  if (await isTrusted(command)) return;
  await writeJson(listFile(), { ...(await readList()), [hashOf(command)]: command }).catch(() => {});
}

/**
 * Refuses a command that this user has neither typed nor confirmed.
 * @throws UserError `E_CONFIG` with the command, and how to confirm it.
 */
export async function requireTrusted(command: string): Promise<void> {
  if (await isTrusted(command)) return;
  throw new UserError(
    "E_CONFIG",
    `the recipe runs the command ${showWhole(command)}, which was not typed on this machine; read it, and confirm it with --allow-command, or give your own with --evaluate`,
  );
}
