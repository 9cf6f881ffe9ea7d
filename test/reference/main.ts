/**
 * npm run docs:reference
 *
 * Writes what is generated from the source: the JSON Schema of recipes, and the pages in
 * docs/reference. Tests compare the files with what the source gives.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { generatedFiles } from "./generated-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
for (const [path, text] of Object.entries(generatedFiles())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
