import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";

import { tinyRecipe } from "../../test/support/tiny-run.ts";
import { obstacles } from "./obstacles.ts";
import { planRun } from "./plan.ts";

const folder = join(mkdtempSync(join(tmpdir(), "pdiff-obstacles-")), "run");
const recipe = tinyRecipe();
const plan = await planRun(recipe);

afterEach(() => vi.unstubAllEnvs());

describe("obstacles", () => {
  it("are none where all that a run needs is here", async () => {
    expect(await obstacles({ recipe, folder, plan })).toEqual([]);
  });

  it("name data that are not here", async () => {
    vi.stubEnv("PDIFF_DATA", tmpdir());
    const mnist = { ...recipe, data: { ...recipe.data, name: "mnist" } };
    expect(await obstacles({ recipe: mnist, folder, plan })).toMatchObject([
      { code: "E_DATA", message: expect.stringContaining("mnist is not in") },
    ]);
  });

  it("name more images than there are", async () => {
    const many = { ...recipe, data: { ...recipe.data, selection: recipe.data.train ?? 1e6 } };
    expect(await obstacles({ recipe: many, folder, plan })).toMatchObject([{ code: "E_DATA" }]);
  });

  it("are all named, in the order in which a run meets them", async () => {
    const large = { ...plan, memoryBytes: 1e18, diskBytes: 1e18 };
    const found = await obstacles({ recipe, folder, plan: large });
    expect(found.map(({ code }) => code)).toEqual(["E_DEVICE", "E_DISK"]);
    expect(found[1]?.message).toMatch(/takes about 1000000000 GB, and .* has .* GB free/);
    expect(await obstacles({ recipe, folder, plan: large, allowMemory: true })).toMatchObject([{ code: "E_DISK" }]);
  });

  it("name a run to be reused that is not there", async () => {
    const reusing = { ...recipe, zoo: { ...recipe.zoo, reuse: join(folder, "nowhere") } };
    expect(await obstacles({ recipe: reusing, folder, plan })).toMatchObject([{ code: "E_RUN" }]);
  });
});
