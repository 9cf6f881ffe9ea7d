/** `npm run prose [-- PATH…]`: prints what the house rules on language forbid; fails if any. */
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

import { findingsIn } from "./prose.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders = ["src", "test", "docs", "recipes", "bench", "examples"];
const written = ["*.md", ...folders.map((folder) => `${folder}/**/*.{ts,md,yaml,py}`)];

const asked = process.argv.slice(2).map((path) => relative(root, path).split(sep).join("/"));
const paths = globSync(written, { cwd: root, ignore: ["CHANGELOG.md", "**/*_pb.ts", "test/fixtures", "docs/site"] })
  .filter((path) => asked.length === 0 || asked.some((at) => path === at || path.startsWith(`${at}/`)))
  .sort();

const findings = paths.flatMap((path) => findingsIn(path, readFileSync(`${root}/${path}`, "utf8")));
for (const { path, line, problem } of findings) console.log(`${path}:${line}: ${problem}`);
if (findings.length > 0) {
  console.error(`${findings.length} lines to rewrite; the words are listed in test/prose/terms.ts`);
  process.exitCode = 1;
}
