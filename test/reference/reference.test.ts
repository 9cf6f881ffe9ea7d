import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

import { generatedFiles } from "./generated-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = Object.entries(generatedFiles());

it.each(files)("%s is as the source gives it (npm run docs:reference)", (path, text) => {
  expect(existsSync(`${root}/${path}`) && readFileSync(`${root}/${path}`, "utf8")).toBe(text);
});

it("says of every field of the records what it means", () => {
  const fields = generatedFiles()["docs/reference/files.md"]?.match(/^\| `[\w.[\]]+` \|.*$/gm) ?? [];
  expect(fields.length).toBeGreaterThan(200);
  expect(fields.filter((line) => /\|\s*\|$/.test(line))).toEqual([]);
});
