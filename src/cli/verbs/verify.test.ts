import { appendFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { run, temporaryFolders, tinyLinear, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { call, program } from "../spawn.fixture.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

describe("pdiff verify", () => {
  it("passes a sound run, and names a damaged file and the command that makes it again", async () => {
    const cwd = folders.make();
    await run(join(cwd, "own"), { recipe: tinyRecipe(tinyLinear), stages: ["collect"] });
    const sound = await call(program, ["verify", "own"], { cwd });
    expect(sound).toMatchObject({ code: 0, stdout: expect.stringMatching(/checked +\d+ files.*\n.*damaged +none/) });

    appendFileSync(join(cwd, "own", "zoo", "0002.safetensors"), "x");
    const torn = await call(program, ["verify", "own", "--json"], { cwd });
    expect(torn.code).toBe(1);
    expect(JSON.parse(torn.stdout).damage).toEqual([
      { file: "zoo/0002.safetensors", problem: expect.any(String), redo: "make it again: pdiff collect own --force" },
    ]);
  });
});
