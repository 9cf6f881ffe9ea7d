import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { temporaryFolders, tinyRecipe } from "../../../test/support/tiny-run.ts";
import { recipeText } from "../../recipe/index.ts";
import { madeUpAudit } from "../../report/audit.fixture.ts";
import { call, program } from "../spawn.fixture.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let root: string;
const pdiff = (...words: string[]) => call(program, ["compare", ...words], { cwd: root });

/** A run folder with what a comparison reads. */
function makeRun(name: string, count: number, audited: boolean): void {
  const folder = join(root, name);
  mkdirSync(join(folder, "evaluation"), { recursive: true });
  writeFileSync(join(folder, "config.yaml"), recipeText(tinyRecipe({ sample: { count } })));
  if (audited) writeFileSync(join(folder, "evaluation/audit.json"), JSON.stringify(madeUpAudit(10)));
}

beforeAll(() => {
  root = folders.make();
  makeRun("a", 6, true);
  makeRun("b", 7, true);
  makeRun("c", 6, false);
});

describe("pdiff compare", () => {
  it("shows the verdicts and what differs between the recipes, and writes a page", async () => {
    const { code, stdout } = await pdiff("a", "b", "--to", "page.html");
    expect(code).toBe(0);
    expect(stdout).toMatch(/a +average-like/);
    expect(stdout).toContain("b against a:\n  sample.count: 6 → 7");
    expect(readFileSync(join(root, "page.html"), "utf8")).toContain("<figure");
  });

  it("says of a run that it is not audited, and gives JSON", async () => {
    const { code, stdout, stderr } = await pdiff("a", "c");
    expect(code).toBe(0);
    expect(stdout).toMatch(/c +not audited yet/);
    expect(stdout).toContain("c against a: the same recipe");
    expect(stderr).toContain("audit c");
    const { runs, page } = JSON.parse((await pdiff("a", "b", "--json")).stdout);
    expect(page).toBeNull();
    expect(runs[0].verdict.name).toBe("average-like");
    expect(runs[1].changes).toEqual([{ key: "sample.count", from: 6, to: 7 }]);
  });

  it("refuses one run, too many, a folder that is none, and a page of another kind", async () => {
    expect(await pdiff("a")).toMatchObject({ code: 2, stderr: expect.stringContaining("2 to 8 runs (got 1)") });
    expect(await pdiff(...Array.from({ length: 9 }, () => "a"))).toMatchObject({ code: 2 });
    expect((await pdiff("a", "nowhere")).code).toBe(1);
    expect(await pdiff("a", "b", "--to", "page.pdf")).toMatchObject({ code: 2 });
    expect(existsSync(join(root, "page.pdf"))).toBe(false);
  });
});
