import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { SCHEMA_VERSION } from "../records/index.ts";
import { type Paths, paths } from "./paths.ts";
import { readAudit, readResults } from "./results.ts";

let p: Paths;
beforeEach(async () => {
  p = paths(await mkdtemp(join(tmpdir(), "pdiff-results-")));
  await mkdir(p.evaluation);
});
afterEach(() => rm(p.folder, { recursive: true }));

const results = {
  schemaVersion: SCHEMA_VERSION,
  metric: null,
  classification: null,
  scores: null,
  autoencoder: null,
  seconds: { collect: 1 },
};

it("reads the results of a run, which has none before its evaluation", async () => {
  expect([await readResults(p.folder), await readAudit(p.folder)]).toEqual([undefined, undefined]);
  await writeFile(p.results, JSON.stringify(results));
  expect(await readResults(p.folder)).toEqual(results);
});

it("refuses a record of another version, naming the file, what is wrong and how to make it again", async () => {
  await writeFile(p.results, JSON.stringify({ ...results, schemaVersion: 0 }));
  await expect(readResults(p.folder)).rejects.toMatchObject({
    code: "E_RUN",
    message: expect.stringMatching(/results\.json is not what an evaluation writes \(schemaVersion: .*pdiff evaluate /),
  });
  await writeFile(p.audit, "[]");
  await expect(readAudit(p.folder)).rejects.toThrow(/audit\.json is not what an audit writes \(the whole file: /);
});
