/** What the seeds of a recipe decide. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprint, run, temporaryFolders, tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import type { StageName } from "../run/index.ts";
import { generatorKey, generatorSeed, runKey } from "./context.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

describe("the seed of a generator", () => {
  it("is that of the run where the recipe gives none", () => {
    const recipe = tinyRecipe({ seed: 7 });
    expect(generatorSeed(recipe)).toBe(7);
    expect(generatorKey(recipe)).toEqual(runKey(recipe));
  });

  it("may be 0", () => {
    expect(generatorSeed(tinyRecipe({ seed: 7, generatorSeed: 0 }))).toBe(0);
  });
});

describe("runs that differ in the seed of their generator", () => {
  const stages: readonly StageName[] = ["collect", "fit", "sample"];
  const parts = { ...tinyLinear, zoo: { count: 4, references: 0, batch: 50, lr: 1e-2 } };
  const made: Record<string, string>[] = [];
  beforeAll(async () => {
    const folder = folders.make();
    for (const generatorSeed of [null, 5]) {
      await run(folder, { recipe: tinyRecipe({ ...parts, generatorSeed }), stages });
      made.push(fingerprint(folder));
    }
  });
  const differing = (start: string) =>
    Object.keys(made[0] ?? {}).filter((file) => file.startsWith(start) && made[0]?.[file] !== made[1]?.[file]);

  it("share their zoo", () => {
    expect(Object.keys(made[0] ?? {})).toEqual(Object.keys(made[1] ?? {}));
    for (const folder of ["base", "zoo", "held-out"]) expect(differing(folder)).toEqual([]);
  });

  it("fit another denoiser and draw other samples", () => {
    expect(differing("generator/denoiser").length).toBe(1);
    expect(differing("samples/0").length).toBe(6);
  });
});
