import { describe, expect, it } from "vitest";
import { pathsEndingIn, recipeKeys } from "./keys.ts";

const keys = new Map(recipeKeys().map((key) => [key.path, key]));

/** A sentence: it begins with a capital or a name in code, and ends with a full stop. */
const SENTENCE = /^(?:\p{Lu}|`)[^\n]*\.$/u;

describe("the keys of recipes", () => {
  it("each have a meaning, a sentence of at most 180 characters, wherever they are", () => {
    const meanings = [...keys.values()].flatMap(({ path, meaning, variants }) =>
      [meaning, ...variants.map((variant) => variant.meaning)].map((text) => ({ path, text })),
    );
    expect(meanings.filter(({ text }) => !SENTENCE.test(text) || text.length > 180)).toEqual([]);
    expect(keys.size).toBeGreaterThan(200);
  });

  it("have a meaning for every variant that they choose among", () => {
    const tags = [...keys.values()].filter(({ path }) => /\.(?:type|objective)$|^network\.name$/.test(path));
    expect(tags.length).toBeGreaterThan(10);
    for (const { path, choices } of tags) {
      expect(choices, path).not.toEqual([]);
      expect(
        choices.filter(({ meaning }) => meaning === undefined),
        path,
      ).toEqual([]);
    }
  });

  it("include those of classifiers and those of a user's own metric", () => {
    for (const path of ["network.hidden", "base.lr", "measure.command", "zoo.like", "audit.fineTuned.steps"])
      expect(keys.has(path), path).toBe(true);
  });

  it("say the type, the range and the default", () => {
    expect(keys.get("zoo.count")?.variants).toEqual([
      {
        meaning: "K, the number of checkpoints that the generator learns from.",
        type: "whole number",
        range: "at least 2, at most 100000",
        default: "required",
      },
    ]);
    expect(keys.get("network.dropPath")?.variants[0]).toMatchObject({ range: "at least 0, below 1", default: "0" });
    expect(keys.get("zoo.every")?.variants[0]).toMatchObject({ type: "choice, or section", default: "step" });
    expect(keys.get("data.augment.crop.scale")?.variants[0]).toMatchObject({
      type: "list of 2 numbers",
      range: "each above 0",
      default: "[0.08, 1]",
    });
    expect(keys.get("zoo.optimiser")?.variants[0]?.default).toMatch(/^\{ type: adam, /);
    expect(keys.get("data.augment")?.variants[0]).toMatchObject({ type: "section, or null", default: "null" });
    expect(keys.get("audit.baselines")?.variants[0]?.default).toMatch(/^\[noise:0\.001, /);
    expect(keys.get("base.weights")?.variants[0]?.default).toBe("none");
    expect(keys.get("zoo.heldOut")?.variants[0]?.default).toBe("filled in");
  });

  it("tell variants apart where they differ, and only there", () => {
    const latent = keys.get("autoencoder.latent")?.variants.map(({ of, default: value }) => [of, value]);
    expect(latent).toContainEqual(["type: conv, tokens", "64"]);
    expect(latent).toContainEqual(["type: v3", "128"]);
    expect(keys.get("autoencoder.gate")?.variants.map(({ of }) => of)).toEqual([undefined]);
    expect(keys.get("autoencoder.type")?.variants).toHaveLength(1);
    expect(keys.get("autoencoder.type")?.choices.map(({ value }) => value)).toContain("linear");
  });

  it("say what presets set", () => {
    const { presets, variants } = keys.get("diffusion.training.steps")!;
    expect(variants[0]?.default).toBe("preset");
    expect(presets).toContainEqual({ preset: "small", value: "3000" });
    expect(presets).toContainEqual({ preset: "v1", value: "30000" });
  });
});

describe("pathsEndingIn", () => {
  it.each([
    ["epochs", ["base.epochs"]],
    ["sampler.steps", ["sample.sampler.steps"]],
    ["zoo.count", ["zoo.count"]],
    ["batch_norm", ["zoo.batchNorm", "autoencoder.batchNorm"]],
    ["base.optimizer", ["base.optimiser"]],
    ["learning-rate", ["base.lr", "zoo.lr", "autoencoder.training.lr", "diffusion.training.lr"]],
    ["nothing", []],
  ])("%s", (name, paths) => {
    expect(pathsEndingIn(name)).toEqual(paths);
  });
});
