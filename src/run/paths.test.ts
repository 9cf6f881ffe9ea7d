import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { outputsOf, type Paths, paths, removeOutputs } from "./paths.ts";

let root: string;
let p: Paths;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pdiff-folder-"));
  p = paths(join(root, "run"));
  await mkdir(p.folder);
});
afterEach(() => rm(root, { recursive: true }));

it("removes the outputs of the given stages only", async () => {
  for (const { done } of Object.values(outputsOf(p))) {
    await mkdir(join(done, ".."), { recursive: true });
    await writeFile(done, "");
  }
  await removeOutputs(p, ["sample", "evaluate", "report"]);
  expect((await readdir(p.folder)).sort()).toEqual(["generator", "zoo"]);
});
