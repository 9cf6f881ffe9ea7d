/** The records of a run, read from its folder and validated whole. */

import type { z } from "zod";
import { UserError } from "../errors.ts";
import { readJson } from "../files/index.ts";
import { at } from "../lookup.ts";
import { type Audit, audit, type Results, results } from "../records/index.ts";
import { paths } from "./paths.ts";

/**
 * The results of a run; undefined before its evaluation.
 * @throws UserError `E_RUN` when the file is damaged or of another version.
 */
export const readResults = (folder: string): Promise<Results | undefined> =>
  readRecord(paths(folder).results, results, "an evaluation", `pdiff evaluate ${folder}`);

/**
 * The audit of a run; undefined before it.
 * @throws UserError `E_RUN` when the file is damaged or of another version.
 */
export const readAudit = (folder: string): Promise<Audit | undefined> =>
  readRecord(paths(folder).audit, audit, "an audit", `pdiff audit ${folder}`);

/** A record; undefined where there is no file. `again` is the command that makes it again. */
async function readRecord<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  writer: string,
  again: string,
): Promise<z.output<Schema> | undefined> {
  const value = await readJson(path);
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path: key, message } = at(parsed.error.issues, 0);
  throw new UserError(
    "E_RUN",
    `${path} is not what ${writer} writes (${key.join(".") || "the whole file"}: ${message}); remove it and run: ${again}`,
  );
}
