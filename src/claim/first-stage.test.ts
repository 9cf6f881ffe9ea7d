import { describe, expect, it } from "vitest";
import { recipeKeys } from "../recipe/index.ts";
import { firstStageOf, firstStages, lineFor } from "./first-stage.ts";

const keys = recipeKeys()
  .filter(({ isSection }) => !isSection)
  .map(({ path }) => path);

describe("the first stage that depends on a key", () => {
  it("is in the table for every key of both kinds of recipe", () => {
    expect(keys.length).toBeGreaterThan(150);
    expect(keys.filter((key) => lineFor(key) === undefined)).toEqual([]);
  });

  it("is in the table for no key that recipes do not have", () => {
    const used = new Set(keys.map(lineFor));
    expect(Object.keys(firstStages).filter((line) => !used.has(line))).toEqual([]);
  });

  it.each([
    ["zoo.count", "collect"],
    ["diffusion.denoiser.width", "fit"],
    ["autoencoder.an.option.of.a.part", "fit"],
    ["sample.sampler.steps", "sample"],
    ["evaluate.reconstructions", "evaluate"],
    ["audit.fineTuned.steps", "audit"],
    ["measure.timeout", "report"],
  ] as const)("of %s is %s", (key, stage) => {
    expect(firstStageOf(key)).toBe(stage);
  });

  it("of a key that nothing is known of is the first of all", () => {
    for (const key of ["audit.newKey", "sample", "newSection.key"]) expect(firstStageOf(key)).toBe("collect");
  });
});
