/** The version of this program, from the nearest package.json above this file (src/ or dist/). */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findPackage(folder: string): string {
  const path = join(folder, "package.json");
  return existsSync(path) ? path : findPackage(dirname(folder));
}

const metadata = JSON.parse(readFileSync(findPackage(dirname(fileURLToPath(import.meta.url))), "utf8"));

/**
 * The version of this program.
 * @category Recipes and devices
 */
export const version: string = metadata.version;
