import { describe, expect, it } from "vitest";

import { findRecipe, loadRecipe } from "../recipe/index.ts";
import { verdictNames } from "../records/index.ts";
import { hintOf } from "./next-hint.ts";
import { buildProgram } from "./program.ts";

const recipeOf = async (name: string, ...overrides: readonly string[]) => loadRecipe(await findRecipe(name), overrides);

/** A recipe of each kind of zoo and of generator: its name, and what is changed in it. */
const kinds: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "one training": ["glyphs-cnn"],
  "separate trainings": ["mnist-mlp-seeds"],
  "few held-out trainings": ["mnist-mlp-seeds", "zoo.heldOut=5"],
  "a baseline": ["mnist-mlp-seeds", "generator=average:16"],
};

const facts = { folder: "runs/a", hasMnist: true };

describe.each(Object.entries(kinds))("the hint after a run of %s", (_, [name, ...overrides]) => {
  it.each(verdictNames)("has a purpose, and a command that the program takes, for %s", async (verdict) => {
    const recipe = await recipeOf(name, ...overrides);
    for (const hasMnist of [true, false]) {
      const { purpose, command } = hintOf(verdict, { ...facts, recipe, hasMnist });
      expect(purpose).toMatch(/^[A-Z].*[.:]$/);
      if (command === undefined) continue;
      const [verb, target, ...words] = command;
      expect(buildProgram().commands.map((each) => each.name())).toContain(verb);
      if (verb !== "run" || target === undefined) continue;
      const changes = words.filter((word) => word.includes("="));
      const [ofRun, others] = target === "runs/a" ? [name, overrides] : [target, []];
      expect(await recipeOf(ofRun, ...others, ...changes)).not.toEqual(await recipeOf(ofRun, ...others));
    }
  });
});

describe("the hint", () => {
  it.each(["replica", "average-like"] as const)(
    "leads from one training to separate ones after %s",
    async (verdict) => {
      const recipe = await recipeOf("glyphs-cnn");
      expect(hintOf(verdict, { ...facts, recipe }).command?.slice(0, 2)).toEqual(["run", "mnist-mlp-seeds"]);
      expect(hintOf(verdict, { ...facts, recipe, hasMnist: false }).command).toEqual(["data", "get", "mnist"]);
    },
  );

  it("lets held-out networks choose after a replica of separate trainings, then learns from more", async () => {
    const recipe = await recipeOf("mnist-mlp-seeds");
    expect(hintOf("replica", { ...facts, recipe }).command).toContain("diffusion.choose=held-out");
    const chosen = await recipeOf("mnist-mlp-seeds", "diffusion.choose=held-out");
    expect(hintOf("replica", { ...facts, recipe: chosen }).command).toEqual([
      "run",
      "runs/a",
      "zoo.count=8000",
      "--run",
      "runs/a-8000",
    ]);
  });

  it("draws many after novel", async () => {
    const recipe = await recipeOf("glyphs-cnn");
    expect(hintOf("novel", { ...facts, recipe }).command).toEqual(["sample", "runs/a", "-n", "1000"]);
  });

  it("trains twice as long after new", async () => {
    const recipe = await recipeOf("mnist-mlp-seeds");
    expect(hintOf("new", { ...facts, recipe }).command).toEqual(["run", "runs/a", "diffusion.training.steps=40000"]);
  });
});
