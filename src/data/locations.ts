/** Where data sets and the cache of decoded images are on this machine. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The default data folder, relative to the working folder. */
export const USUAL_ROOT = "data";

/** The data folder: `PDIFF_DATA`, or `data` if it exists; else undefined. */
export const dataRoot = (): string | undefined =>
  process.env.PDIFF_DATA || (existsSync(USUAL_ROOT) ? USUAL_ROOT : undefined);

/**
 * The cache of decoded images: `PDIFF_CACHE`, or `pdiff` in the user's cache folder. It can be
 * deleted.
 */
export const cacheRoot = (): string =>
  process.env.PDIFF_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pdiff");
