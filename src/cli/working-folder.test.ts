import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { call, launcher } from "./spawn.fixture.ts";

/** Runs a command in a folder that is removed before it starts. */
async function withoutFolder(file: string, words: readonly string[]) {
  const gone = await mkdtemp(join(tmpdir(), "pdiff-gone-"));
  const script = 'rmdir "$PWD"; exec "$0" "$@"';
  try {
    return await call("sh", ["-c", script, file, ...words], { cwd: gone });
  } finally {
    await rm(gone, { recursive: true, force: true });
  }
}

describe("a working folder that is gone", () => {
  it.each(["--version", "runs", "doctor"])("is named in one line by the launcher: %s", async (word) => {
    expect(await withoutFolder(launcher, [word])).toEqual({
      code: 1,
      stdout: "",
      stderr: "pdiff: the folder that you stand in is gone; change to one that exists (cd)\n",
    });
  });
});
