import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseHTML } from "linkedom";
import { afterAll, expect, it } from "vitest";

import { run, temporaryFolders, tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { stageNames } from "../run/index.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

it("the report's times are those of all stages before it, the audit too, and the recipe is that of the run", async () => {
  const folder = folders.make();
  const recipe = tinyRecipe({ ...tinyLinear, zoo: { count: 6, references: 0, batch: 50, lr: 1e-2 } });
  await run(folder, { recipe, stages: stageNames });
  const { document } = parseHTML(readFileSync(join(folder, "report.html"), "utf8"));
  const names = [...document.querySelectorAll("#run table")[0]!.querySelectorAll("th")].map((th) => th.textContent);
  expect(names).toEqual(["collect", "fit", "sample", "evaluate", "audit", "in all"]);
  expect(document.getElementById("recipe")?.textContent).toContain("name: tiny");
});
