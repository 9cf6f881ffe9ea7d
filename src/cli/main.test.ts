import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { call, launcher, program } from "./spawn.fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

const pdiff = (...words: string[]) => call(program, words, { cwd: folder });

describe("pdiff", () => {
  it.each([
    [["run", "none.yaml"], 2, /cannot read recipe none\.yaml/],
    [["inspect", "none.safetensors"], 1, /cannot read none\.safetensors/],
    [["sample", "nowhere"], 1, /nowhere is no run folder/],
    [["export", "nowhere", "--to", "networks"], 1, /nowhere is no run folder .*pdiff run RECIPE --run nowhere/],
  ])("names what is missing in one line: %j", async (words, exitCode, message) => {
    const { code, stderr } = await pdiff(...words);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(/^pdiff: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });
});

describe.skipIf(!existsSync("/dev/full"))("a stream that takes nothing", () => {
  const shell = (redirect: string, words: string) =>
    call("sh", ["-c", `exec "$0" ${words} ${redirect}`, program], { cwd: folder });

  it.each(["--help", "--version", "recipes", "recipes --json"])(
    "is named when it is that of results: %s",
    async (words) => {
      const { code, stderr } = await shell("> /dev/full", words);
      expect(code).toBe(1);
      expect(stderr.split("\n").slice(-2)).toEqual([
        "pdiff: cannot print the output (ENOSPC); free some space, or print somewhere else",
        "",
      ]);
      expect(stderr).not.toMatch(/^ +at /m);
    },
  );

  it("ends the program when it is that of messages", async () => {
    expect(await shell("2> /dev/full", "nonsense")).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("the launcher", () => {
  it("works through a link, and in a folder with a broken tsconfig.json", async () => {
    const other = await mkdtemp(join(folder, "other-"));
    await writeFile(join(other, "tsconfig.json"), "{ broken");
    await symlink(launcher, join(other, "pdiff"));
    expect(await call(join(other, "pdiff"), ["--version"], { cwd: other })).toMatchObject({ code: 0, stderr: "" });
  });

  it("asks for npm ci when its packages are missing", async () => {
    const clone = await mkdtemp(join(folder, "clone-"));
    await copyFile(launcher, join(clone, "pdiff"));
    await writeFile(join(clone, "package.json"), '{ "type": "module" }');
    const { code, stderr } = await call(join(clone, "pdiff"), ["--help"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pdiff: [^\n]*run npm ci first[^\n]*\n$/);
  });
});
