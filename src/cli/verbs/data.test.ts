import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { call, program } from "../spawn.fixture.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "pdiff-data-"));
});
afterAll(() => rm(cwd, { recursive: true }));

const pdiff = (...words: string[]) => call(program, words, { cwd });

describe("pdiff data", () => {
  it("lists the data sets, which of them are here, and the next command", async () => {
    const { code, stdout, stderr } = await pdiff("data", "list", "--root", "sets");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^data set +images +classes +download +state +terms$/m);
    expect(stdout).toMatch(/^cifar-10 +60 000 +10 .* not here /m);
    expect(stderr).toMatch(/^next: \S+ data get \S+$/m);
  });

  it("exits with 3 when a set to verify is not here", async () => {
    const { code, stdout, stderr } = await pdiff("data", "verify", "cifar-10", "--root", "sets");
    expect(code).toBe(3);
    expect(stdout).toMatch(/^cifar-10 {2}\S/);
    expect(stderr).toMatch(
      /^pdiff: cifar-10 is not as published; download again: \S+\/pdiff data get cifar-10 --force\n$/,
    );
  });

  it("names the nearest set when a set is unknown", async () => {
    const { stdout, stderr } = await pdiff("data", "get", "cifar-11");
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^pdiff: [^\n]*cifar-10[^\n]*\n$/);
  });
});
