import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, temporaryFolders, tinyRecipe } from "../../../test/support/tiny-run.ts";
import type { Audit } from "../../records/index.ts";
import { readAudit } from "../../run/index.ts";
import { scaleSteps, trainedCount } from "./trained.ts";

const folders = temporaryFolders();
afterAll(() => folders.remove());

const stages = ["collect", "fit", "sample", "evaluate", "audit"] as const;
const settings = { draws: 3, fineTuned: { count: 0, steps: 1 }, ensemble: 1, trajectories: 0, embeddings: [] };
const matching = ["crossover:2", "matched-average:2", "effect-gaussian:1"];

async function auditOf(parts: object): Promise<Audit> {
  const folder = folders.make();
  await run(folder, { recipe: tinyRecipe({ generator: "average:2", ...parts }), stages });
  const audit = await readAudit(folder);
  if (audit === undefined) throw new Error("there is no audit");
  return audit;
}

const names = (rows: readonly { readonly name: string }[] | undefined) => rows?.map(({ name }) => name);

describe("the evidence about separate trainings", () => {
  let audit: Audit;
  beforeAll(async () => {
    audit = await auditOf({
      zoo: { kind: "seeds", count: 4, heldOut: 3 },
      audit: { ...settings, baselines: ["noise:0.05", ...matching], trained: { count: 2, steps: 2 } },
    });
  });

  it("draws baselines of matched units", () => {
    expect(names(audit.groups)).toEqual(expect.arrayContaining(matching));
    expect(audit.remarks.join()).not.toContain("Left out");
  });

  it("finds the units of originals in crossings, and new ones in held-out networks", () => {
    const { collage } = audit;
    expect(names(collage?.rows)).toEqual([
      "held-out",
      "samples",
      "crossover:2",
      "noise:0.05",
      "matched-average:2",
      "effect-gaussian:1",
    ]);
    const [heldOut, , crossover] = collage!.rows;
    expect(collage?.units).toBe(16);
    expect(heldOut).toMatchObject({ median: 1, nearer: 0.5 });
    expect(crossover!.high).toBeLessThan(0.01);
    expect(crossover!.donors).toBeLessThanOrEqual(2);
  });

  it("follows the straight way from every kind of network", () => {
    const { straightWay } = audit;
    expect(straightWay).toMatchObject({ images: 100, places: [0, 0.25, 0.5, 0.75, 1] });
    expect(straightWay!.rows.slice(0, 3).map(({ name, networks }) => [name, networks])).toEqual([
      ["samples", 6],
      ["held-out", 3],
      ["originals", 4],
    ]);
    const test = (name: string) => audit.groups.find((group) => group.name === name)?.score?.mean.value;
    for (const { name, accuracy } of straightWay!.rows) expect(accuracy[0]).toBeCloseTo(test(name)!, 6);
  });

  it("has a scale of fresh networks that get better, and what groups are worth on it", () => {
    const { trainingScale, groups, copying } = audit;
    expect(trainingScale).toMatchObject({ networks: 2, steps: 12 });
    expect(trainingScale!.fresh.map(({ steps }) => steps)).toEqual([1, 2, 3, 4, 6, 8, 12]);
    expect(trainingScale!.fresh.at(-1)!.accuracy.value).toBeGreaterThan(trainingScale!.fresh[0]!.accuracy.value);
    const untrained = ["crossover:2", "matched-average:2", "effect-gaussian:1"];
    const trained = [...untrained.map((name) => `${name} + 2 steps`), "crossover:2 + 2 steps, last layer"];
    expect(names(trainingScale!.worth)).toEqual(["samples", "held-out", ...untrained, ...trained]);
    expect(names(groups.filter(({ family }) => family === "trained"))).toEqual(trained);
    for (const { steps } of trainingScale!.worth) {
      expect(steps.value).toBeGreaterThanOrEqual(1);
      expect(steps.value).toBeLessThanOrEqual(12);
    }
    expect(copying.pull!.fresh).toBeGreaterThan(0);
  });

  it("leaves the trained baselines out of the verdict", () => {
    const through = audit.excess.flatMap((kind) => [...kind.through]);
    expect(through.some((name) => name.includes("steps"))).toBe(false);
  });

  it("knows how far samples and held-out networks lie from the next one", () => {
    const { diversity } = audit;
    expect(diversity!.heldOut.median).toBeGreaterThan(0);
    // Six averages of two of four originals: some are drawn twice.
    expect(diversity!.samples.low).toBe(0);
    expect(diversity!.samples.high).toBeGreaterThan(0);
  });
});

describe("the evidence about one training", () => {
  it("has the straight way alone, from networks as they are", async () => {
    const audit = await auditOf({
      zoo: { count: 6, heldOut: 3, references: 0, batch: 50, lr: 1e-2 },
      audit: { ...settings, baselines: ["noise:0.05", "average:2", "pair-average"] },
    });
    expect(audit).toMatchObject({ collage: null, trainingScale: null });
    expect(names(audit.straightWay?.rows)).toEqual(["samples", "held-out", "originals", "average:2"]);
    expect(audit.remarks.join()).toContain("they match or exchange hidden units");
  });
});

describe("an audit that is done again with other baselines", () => {
  it("predicts with these, though they are as many", async () => {
    const zoo = { count: 6, heldOut: 3, references: 0, batch: 50, lr: 1e-2 };
    const folder = folders.make();
    const recipeWith = (name: string) =>
      tinyRecipe({ generator: "average:2", zoo, audit: { ...settings, baselines: [name] } });
    await run(folder, { recipe: recipeWith("noise:1"), stages });
    const scoreOf = async (name: string) =>
      (await readAudit(folder))?.groups.find((group) => group.name === name)?.score;
    expect((await scoreOf("noise:1"))?.sd).toBeGreaterThan(0);
    await run(folder, { recipe: recipeWith("average:6"), stages: ["audit"], force: true });
    // All draws of the average of all six originals are the same network.
    expect((await scoreOf("average:6"))?.sd).toBeLessThan(1e-9);
  });
});

describe("the steps of the scale", () => {
  it("are parts of a whole training, each once, the last of which is all of it", () => {
    expect(scaleSteps(1718)).toEqual([27, 54, 107, 215, 430, 607, 859, 1215, 1718]);
    expect(scaleSteps(3)).toEqual([1, 2, 3]);
  });
});

describe("the number of networks that are trained", () => {
  const countOf = (zoo: object, atOnce: number) => trainedCount(tinyRecipe({ zoo, audit: {} }), atOnce);

  it("is the recipe's where they are trained at once, and else a tenth of the zoo's at most", () => {
    expect(countOf({ kind: "seeds", count: 4 }, 20)).toBe(20);
    expect(countOf({ kind: "orders", count: 50 }, 1)).toBe(5);
    expect(countOf({ kind: "seeds", count: 4000 }, 1)).toBe(20);
  });

  it("is 0 of a zoo of one training", () => {
    expect(countOf({ count: 12 }, 20)).toBe(0);
  });
});
