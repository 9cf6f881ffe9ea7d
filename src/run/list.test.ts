import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { takeLock } from "../files/index.ts";
import type { Status } from "./journal.ts";
import { listRuns } from "./list.ts";
import { type Paths, paths } from "./paths.ts";

let root: string;
let p: Paths;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pdiff-folder-"));
  p = paths(join(root, "run"));
  await mkdir(p.folder);
});
afterEach(() => rm(root, { recursive: true }));

const status = (parts: Partial<Status> = {}): Status => ({
  state: "running",
  stage: "fit",
  pid: process.ppid,
  updated: new Date().toISOString(),
  seconds: {},
  tasks: {},
  ...parts,
});

describe("a list of runs", () => {
  const list = async () => (await listRuns(root)).map(({ name, state, stage }) => `${name} ${state} ${stage}`);

  it("shows a run as interrupted when its process is gone", async () => {
    await writeFile(p.config, "");
    await writeFile(p.status, JSON.stringify(status({ pid: 2 ** 22 + 1 })));
    expect(await list()).toEqual(["run interrupted fit"]);
    const lock = await takeLock(p.lock);
    expect(await list()).toEqual(["run running fit"]);
    await lock.release();
  });

  it("includes runs without a status or with unreadable results, and nothing but runs", async () => {
    await mkdir(p.evaluation);
    await writeFile(p.config, "");
    await mkdir(join(root, "no-run"));
    for (const results of ["{", "{}", "null"]) {
      await writeFile(p.results, results);
      expect(await list()).toEqual(["run unknown collect"]);
    }
    expect(await listRuns(join(root, "none"))).toEqual([]);
  });
});
