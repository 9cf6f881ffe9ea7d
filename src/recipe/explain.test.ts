import { describe, expect, it } from "vitest";

import { resolveRecipe } from "./load.ts";
import { problemOf, problemWith } from "./recipe.fixture.ts";

const top =
  "name, about, quick, seed, generatorSeed, device, data, network, base, zoo, preset, normalisation, autoencoder, diffusion, generator, sample, evaluate, audit";
const zoo =
  "kind, files, key, heldOutFiles, unseenFiles, trajectory, count, select, every, skip, heldOut, unseen, references, batch, lr, optimiser, schedule, batchNorm, canonical, reuse";

describe("a mistake is explained by its place, what was found and what was expected:", () => {
  it.each([
    ["zoo.cuont=5", `unknown key zoo.cuont. Did you mean count? Known: ${zoo}`],
    ["zo.count=5", `unknown key zo. Did you mean zoo? Known: ${top}`],
    ["colour=5", `unknown key colour. Did you mean network.colour? Known: ${top}`],
    ["color=5", `unknown key colour. Did you mean network.colour? Known: ${top}`],
    [
      "lr=0.1",
      `unknown key lr. Did you mean base.lr or zoo.lr or autoencoder.training.lr or diffusion.training.lr? Known: ${top}`,
    ],
    ["batch_size=8", /^unknown key batch_size\. Did you mean base\.batch or zoo\.batch or evaluate\.batch or .*, …\?/],
    ["zoo.epochs=3", `unknown key zoo.epochs. Did you mean base.epochs? Known: ${zoo}`],
    ["device=cuda", 'device: expected keys and values, got "cuda"; use device.name=cuda'],
    ["sample.sampler=heun", 'sample.sampler: expected keys and values, got "heun"; use sample.sampler.type=heun'],
    ["generator=flow", /Known: [^.]*kde-latent \(got "flow"\)$/],
    ["__proto__.polluted=1", `unknown key __proto__. Known: ${top}`],
    ["zoo.__proto__=1", `unknown key zoo.__proto__. Known: ${zoo}`],
    ["constructor=1", `unknown key constructor. Known: ${top}`],
    ["sample.sampler.steps=60", "unknown key sample.sampler.steps for type ddpm. Known: type, variance, clip"],
    ["base.optimiser.momentum=1", "unknown key base.optimiser.momentum for type adam. Known: type, betas, weightDecay"],
    ["base.optimiser=adma", 'base.optimiser.type: unknown value "adma". Did you mean adam? Known: sgd, adam, adamw'],
    ["zoo.count=0", "zoo.count: expected at least 2, got 0"],
    ["zoo.count=-5", "zoo.count: expected at least 2, got -5"],
    ["zoo.count=1e9", "zoo.count: expected at most 100000, got 1000000000"],
    ["zoo.count=2.5", "zoo.count: expected a whole number, got 2.5"],
    ["zoo.count=many", 'zoo.count: expected a number, got "many"'],
    ['zoo.count="10"', 'zoo.count: expected a number, got "10"'],
    ["zoo.count=", "zoo.count: expected a number, got nothing"],
    ["base.lr=0", "base.lr: expected more than 0, got 0"],
    ["base.lr=.nan", "base.lr: expected a number, got NaN"],
    ["base.lr=-.inf", "base.lr: expected a number, got -Infinity"],
    ["base.lr=1e999", "base.lr: expected a number, got Infinity"],
    ["network.hidden=64", "network.hidden: expected a list, got 64"],
    ["network.hidden=[a]", 'network.hidden.0: expected a number, got "a"'],
    ["network=7", "network: expected keys and values, got 7"],
    ["data=null", "data: expected keys and values, got nothing"],
    ["autoencoder.channels=[]", "autoencoder.channels: expected at least 1 entry, got 0"],
    ["autoencoder={type: linear}", "autoencoder.latent is missing (expected a number)"],
    ["diffusion.process.betaEnd=1", "diffusion.process.betaEnd: expected less than 1, got 1"],
  ])("%s", (change, message) => {
    expect(problemWith(change)).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  it("several, unknown keys first, at most five", () => {
    const problem = problemOf(() => resolveRecipe({ dta: 1, base: { epochs: 0 }, sample: { count: "a" } }, "a recipe"));
    expect(problem).toMatch(/^unknown key dta\. Did you mean data\?.*; .* is missing .*; and \d+ more$/);
  });

  it("long values, in one short line", () => {
    const problem = problemWith(`seed="${"x".repeat(5000)}"`);
    expect(problem).toMatch(/^seed: expected a number, got "x{59}…$/);
    const odd = { "a\u001b[31m\nb": 1 };
    expect(problemOf(() => resolveRecipe(odd, "a recipe"))).toContain('unknown key "a\\u001b[31m\\nb"');
  });
});
