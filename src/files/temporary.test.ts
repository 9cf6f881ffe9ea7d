import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { thisProcess } from "./process-identity.ts";
import { abandonedTemporaries, isTemporary, removeTemporariesOf, temporaryName } from "./temporary.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-temporary-"));
});
afterEach(() => rm(folder, { recursive: true }));

const { machine, pid, started } = thisProcess();

describe("temporary names", () => {
  it("differ each time, and lie beside the path", () => {
    const [a, b] = [temporaryName("x/file"), temporaryName("x/file")];
    expect(a).not.toBe(b);
    expect(a.startsWith("x/file.")).toBe(true);
    expect([a, "file"].map(isTemporary)).toEqual([true, false]);
  });
});

it("removes what dead writers left of one path, and nothing of living ones or of other programs", async () => {
  const gone = (name: string) => `${name}.${machine}-${2 ** 22 + 1}-${started}-1.tmp`;
  const kept = [gone("other"), basename(temporaryName("file")), "file.tmp", "file.123.tmp", "file"];
  for (const name of kept) await writeFile(join(folder, name), "");
  await mkdir(join(folder, gone("file"), "zoo"), { recursive: true });
  await removeTemporariesOf(join(folder, "file"));
  expect((await readdir(folder)).sort()).toEqual(kept.sort());
});

describe("abandoned temporary files", () => {
  const names = async () => (await abandonedTemporaries(folder)).map((path) => basename(path));

  it("are those whose writer is gone, not those of a living one", async () => {
    const gone = `file.${machine}-${2 ** 22 + 1}-${started}-1.tmp`;
    const reused = `file.${machine}-${pid}-1-1.tmp`;
    for (const name of [gone, reused, basename(temporaryName("file")), "old.123-1.tmp", "file"])
      await writeFile(join(folder, name), "");
    expect((await names()).toSorted()).toEqual([gone, reused, "old.123-1.tmp"].toSorted());
  });

  it("of another machine are those that nobody has written to for minutes", async () => {
    const [silent, busy] = ["a.0123456789ab-1-1-1.tmp", "b.0123456789ab-1-1-1.tmp"];
    for (const name of [silent, busy]) await writeFile(join(folder, name), "");
    const then = Date.now() / 1000 - 600;
    await utimes(join(folder, silent), then, then);
    expect(await names()).toEqual([silent]);
  });

  it("are none in a folder that does not exist", async () => {
    expect(await abandonedTemporaries(join(folder, "none"))).toEqual([]);
  });
});
