/** Where data lie on this machine: the sets themselves, and what is made of them to be read faster. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where data sets are kept when nothing else is said, below the working folder. */
export const USUAL_ROOT = "data";

/** The folder of the data sets' folders: `PDIFF_DATA`, or `data` where there is such a folder. */
export const dataRoot = (): string | undefined =>
  process.env.PDIFF_DATA || (existsSync(USUAL_ROOT) ? USUAL_ROOT : undefined);

/** The folder of decoded images: `PDIFF_CACHE`, or `pdiff` in the user's cache. It can be deleted at any time. */
export const cacheRoot = (): string =>
  process.env.PDIFF_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pdiff");
