import { availableParallelism } from "node:os";

import { describe, expect, it } from "vitest";

import { tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { loadRecipe, requireNetwork } from "../recipe/index.ts";
import { planRun } from "./plan.ts";

describe("a plan", () => {
  it("counts parameters and tensors of the network and of the generated part", async () => {
    const plan = await planRun(requireNetwork(await loadRecipe("recipes/mnist-cnn.yaml"), "a test"));
    expect(plan.network).toEqual({ name: "cnn", parameters: 10_853 });
    expect(plan.generated).toEqual({ parameters: 10_853, tensors: 10 });
    const part = await planRun(tinyRecipe({ zoo: { count: 5, select: "last-layers:1" } }));
    expect(part.generated).toEqual({ parameters: 170, tensors: 2 });
    expect(part.network.parameters).toBe(12_730);
  });

  it("is the sum of its stages", async () => {
    const { seconds, stages } = await planRun(tinyRecipe());
    expect(Object.values(stages).reduce((a, b) => a + b, 0)).toBeCloseTo(seconds, 9);
    for (const value of Object.values(stages)) expect(value).toBeGreaterThan(0);
  });

  const recipe = tinyRecipe();
  const { base, zoo, sample } = recipe;
  const diffusion = recipe.diffusion!;
  it.each([
    ["collect", "longer training", { ...recipe, base: { ...base, epochs: 20 } }],
    ["collect", "more checkpoints", { ...recipe, zoo: { ...zoo, count: 1200 } }],
    ["collect", "a checkpoint every epoch only", { ...recipe, zoo: { ...zoo, every: "epoch" as const } }],
    ["fit", "more steps", { ...recipe, diffusion: { ...diffusion, training: { ...diffusion.training, steps: 9999 } } }],
    ["sample", "more samples", { ...recipe, sample: { ...sample, count: 600 } }],
    ["evaluate", "more networks", { ...recipe, sample: { ...sample, count: 600 } }],
    ["evaluate", "more images", { ...recipe, data: { ...recipe.data, test: 5000 } }],
  ] as const)("gives %s more time for %s", async (stage, _, larger) => {
    const [before, after] = [await planRun(recipe), await planRun(larger)];
    expect(after.stages[stage]).toBeGreaterThan(before.stages[stage]);
  });

  it("gives separate trainings the time of as many trainings", async () => {
    const seconds = async (count: number, threads: number) => {
      const zoo = { kind: "seeds", count, heldOut: 0 };
      return (await planRun(tinyRecipe({ ...tinyLinear, zoo, device: { threads } }))).stages.collect;
    };
    const cores = availableParallelism();
    // One process where it takes all cores, and else as many as there are.
    expect(await seconds(4000, cores)).toBeCloseTo(4 * (await seconds(1000, cores)), 9);
    expect(await seconds(4000, 1)).toBeCloseTo((await seconds(4000, cores)) / cores, 9);
  });

  it("needs more memory for more checkpoints", async () => {
    const memory = async (count: number) => (await planRun(tinyRecipe({ zoo: { count } }))).memoryBytes;
    expect(await memory(5000)).toBeGreaterThan((await memory(10)) + 4 * 12_730 * 4990);
  });

  it("of a recipe that does not fit is refused", async () => {
    await expect(planRun(tinyRecipe({ zoo: { count: 5, select: "none" } }))).rejects.toMatchObject({
      code: "E_CONFIG",
    });
  });
});
