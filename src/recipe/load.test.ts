import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { loadRecipe, recipeText, requireNetwork, resolveRecipe } from "./load.ts";
import { presetNames } from "./presets.ts";

const base = `
data: { name: glyphs, selection: 100 }
network: { name: mlp, hidden: [16] }
base: { epochs: 1, batch: 32, lr: 1e-3, optimiser: adam, schedule: constant }
zoo: { count: 10 }
`;

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-recipe-"));
  path = join(folder, "some-recipe.yaml");
  await writeFile(path, base);
});
afterAll(() => rm(folder, { recursive: true }));

/** The recipe with overrides. */
const load = async (...overrides: string[]) => requireNetwork(await loadRecipe(path, overrides), "a test");

/** A recipe from a text of its own. */
async function loadText(text: string): Promise<unknown> {
  const other = join(folder, "other.yaml");
  await writeFile(other, text);
  return loadRecipe(other);
}

const refused = async (recipe: Promise<unknown>): Promise<{ code: string; message: string }> =>
  recipe.then(
    () => expect.unreachable("the recipe was accepted"),
    ({ code, message }) => ({ code, message }),
  );

describe("a recipe", () => {
  it("takes its name from the file when it gives none", async () => {
    expect((await load()).name).toBe("some-recipe");
    expect((await load("name=mine")).name).toBe("mine");
  });

  it("fills in values of its preset and defaults", async () => {
    const recipe = await load();
    expect(recipe).toMatchObject({ preset: "small", seed: 1, normalisation: "coordinate", sample: { count: 200 } });
    expect(recipe.base.optimiser).toEqual({ type: "adam", betas: [0.9, 0.999], weightDecay: 0 });
  });

  it.each(presetNames)("resolves to itself when it was resolved and written: preset %s", async (preset) => {
    const recipe = await load(`preset=${preset}`, "data.train=300", "zoo.select=[fc1.*, '!fc1.bias']");
    const text = recipeText(recipe);
    expect(await loadText(text)).toEqual(recipe);
    // No anchors: a reader need not know YAML well.
    expect(text).not.toMatch(/[&*]a\d/);
  });

  it("reads overrides of any depth as YAML", async () => {
    const recipe = await load("zoo.count=50", "network.hidden=[3, 4]", "data={selection: 9}", "base.lr=1e-4");
    expect(recipe).toMatchObject({
      zoo: { count: 50 },
      network: { hidden: [3, 4] },
      data: { name: "glyphs", selection: 9 },
      base: { lr: 1e-4 },
    });
  });

  it("drops the settings of a type when an override changes the type", async () => {
    const recipe = await load("autoencoder={type: linear, latent: 5}", "network.name=cnn");
    expect(recipe.autoencoder).toEqual({ type: "linear", latent: 5, gate: 0.2 });
    expect(recipe.network).toEqual({ name: "cnn", channels: [16, 32, 15], kernel: 3, hidden: [20], colour: true });
  });

  it("holds out a quarter of the zoo and fills in baselines by default", async () => {
    const recipe = await load("generator=average", "audit.baselines=[noise, swag]");
    expect(recipe).toMatchObject({
      zoo: { heldOut: 3 },
      generator: "average:16",
      audit: { baselines: ["noise:0.05", "swag"] },
    });
    expect((await load("zoo.count=500")).zoo.heldOut).toBe(50);
  });

  it("accepts a word in place of a type", async () => {
    const recipe = await load("base.optimiser=sgd", "base.optimiser.momentum=0.9", "zoo.schedule=cosine");
    expect(recipe.base.optimiser).toMatchObject({ type: "sgd", momentum: 0.9, nesterov: false });
    expect(recipe.zoo.schedule).toMatchObject({ type: "cosine" });
  });
});

describe("resolveRecipe names the place, what was found and what was expected, for", () => {
  const top =
    "name, about, seed, device, data, network, base, zoo, preset, normalisation, autoencoder, diffusion, generator, sample, evaluate, audit";
  const zoo =
    "kind, files, count, select, every, skip, heldOut, references, batch, lr, optimiser, schedule, batchNorm, canonical, reuse";
  it.each([
    ["zoo.cuont=5", `unknown key zoo.cuont. Did you mean count? Known: ${zoo}`],
    ["zo.count=5", `unknown key zo. Did you mean zoo? Known: ${top}`],
    ["colour=5", `unknown key colour. Known: ${top}`],
    ["__proto__.polluted=1", `unknown key __proto__. Known: ${top}`],
    ["zoo.__proto__=1", `unknown key zoo.__proto__. Known: ${zoo}`],
    ["constructor=1", `unknown key constructor. Known: ${top}`],
    ["sample.sampler.steps=60", "unknown key sample.sampler.steps for type ddpm. Known: type, variance, clip"],
    ["base.optimiser.momentum=1", "unknown key base.optimiser.momentum for type adam. Known: type, betas, weightDecay"],
    [
      "network.name=cnnn",
      'network.name: unknown value "cnnn". Did you mean cnn? Known: mlp, cnn, convnet, resnet18, resnet50, vit_tiny_patch16_224, vit_base_patch16_224, convnext_tiny, convnext_base, convnet-mini, mlp-mini, resnet-mini, vit-mini, convnext-mini, onnx',
    ],
    [
      "data.name=mnits",
      'data.name: unknown value "mnits". Did you mean mnist? Known: glyphs, mnist, fashion-mnist, kmnist, emnist-digits, svhn, cifar-10, cifar-100, stl-10, flowers-102, pets, food-101, imagenet-1k, folder',
    ],
    [
      "autoencoder.type=convv",
      'autoencoder.type: unknown value "convv". Did you mean conv? Known: conv, v1, v3, tokens, linear, units',
    ],
    ["base.optimiser=adma", 'base.optimiser.type: unknown value "adma". Did you mean adam? Known: sgd, adam, adamw'],
    ["zoo.every=steps", 'zoo.every: expected step, epoch or { steps: N }, got "steps"'],
    ["zoo.count=0", "zoo.count: expected at least 2, got 0"],
    ["zoo.count=1e9", "zoo.count: expected at most 100000, got 1000000000"],
    ["zoo.count=2.5", "zoo.count: expected a whole number, got 2.5"],
    ["zoo.count=many", 'zoo.count: expected a number, got "many"'],
    ['zoo.count="10"', 'zoo.count: expected a number, got "10"'],
    ["zoo.count=", "zoo.count: expected a number, got nothing"],
    ["base.lr=0", "base.lr: expected more than 0, got 0"],
    ["base.lr=.nan", "base.lr: expected a number, got NaN"],
    ["base.lr=-.inf", "base.lr: expected a number, got -Infinity"],
    ["base.lr=1e999", "base.lr: expected a number, got Infinity"],
    ["seed=-1", "seed: expected at least 0, got -1"],
    ["network.hidden=64", "network.hidden: expected a list, got 64"],
    ["network.hidden=[a]", 'network.hidden.0: expected a number, got "a"'],
    ["network=7", "network: expected keys and values, got 7"],
    ["data=null", "data: expected keys and values, got nothing"],
    ["device.threads=0", "device.threads: expected at least 1, got 0"],
    ["autoencoder.kernel=4", "autoencoder.kernel: expected an odd number (got 4)"],
    ["autoencoder.channels=[]", "autoencoder.channels: expected at least 1 entry, got 0"],
    ["autoencoder={type: linear}", "autoencoder.latent is missing (expected a number)"],
    ["diffusion.process.betaEnd=1", "diffusion.process.betaEnd: expected less than 1, got 1"],
    ["diffusion.process.betaStart=0.5", "diffusion.process.betaEnd: must not lie below betaStart (0.5) (got 0.02)"],
    [
      "sample.sampler={type: ddim, steps: 2000}",
      "sample.sampler.steps: more steps than the diffusion has (T = 1000); lower it or raise diffusion.process.steps (got 2000)",
    ],
    [
      "sample.sampler={type: heun}",
      'sample.sampler.type: a denoiser of noise (diffusion.process.objective: noise) is not followed; use ddpm or ddim (got "heun")',
    ],
    [
      "diffusion.process.objective=flwo",
      'diffusion.process.objective: unknown value "flwo". Did you mean flow? Known: noise, flow',
    ],
    [
      "diffusion=null",
      "diffusion: the generator diffusion needs one; use another preset, or generator: vae (got nothing)",
    ],
    [
      "generator=vae",
      'autoencoder.type: the generator vae needs a variational autoencoder; use preset: vae (got "conv")',
    ],
    ["audit.draws=2", "audit.draws: expected at least 3, got 2"],
    ["zoo.heldOut=11", "zoo.heldOut: more than the 10 checkpoints of the trajectory; use at most zoo.count (got 11)"],
    [
      "diffusion.choose=held-out",
      'diffusion.choose: choosing by held-out networks needs snapshots to choose from (diffusion.snapshots of at least 2) and at least 6 such networks (zoo.heldOut) (got "held-out")',
    ],
    ["zoo.select=5", "zoo.select: expected a selection such as all or last-layers:1, or a list of them, got 5"],
    [
      "name=my run",
      `name: expected at most 100 letters, digits, '.', '-' and '_', no mark first; it is the file's name unless the recipe says another (got "my run")`,
    ],
  ] as const)("%s", async (override, message) => {
    expect(await refused(load(override))).toEqual({
      code: "E_CONFIG",
      message: `${path} with ${override}: ${message}`,
    });
  });

  it("several mistakes, unknown keys first, at most five", async () => {
    const { message } = await refused(loadText("dta: 1\nbase: { epochs: 0 }\nsample: { count: a }"));
    expect(message).toMatch(/other\.yaml: unknown key dta\. Did you mean data\?.*; .* is missing .*; and \d+ more$/);
  });

  it("long values, in one short line", async () => {
    const { message } = await refused(loadText(`${base}\n"a\\e[31m\\nb": 1\nseed: "${"x".repeat(5000)}"`));
    expect(message).toContain('unknown key "a\\u001b[31m\\nb"');
    expect(message.length).toBeLessThan(1000);
  });

  it("an unknown preset", async () => {
    expect((await refused(load("preset=smal"))).message).toMatch(/unknown preset "smal"\. Did you mean small\?/);
  });

  it.each([
    [
      "generator=gausian",
      /generator: .*unknown generator "gausian"\. Did you mean gaussian\? Known: diffusion, vae, noise, noise-absolute/,
    ],
    ["generator=average:1.5", /generator: .*expected a whole number from 2 after the colon, got "1\.5"/],
    ["audit.baselines=[swag:3]", /audit\.baselines\.0: .*swag takes no number/],
  ])("an unknown baseline: %s", async (override, message) => {
    expect((await refused(load(override))).message).toMatch(message);
  });

  it("separate trainings of a part", async () => {
    expect((await refused(load("zoo.kind=seeds", "zoo.select=fc1.*"))).message).toMatch(
      /zoo\.select: separate trainings share no frozen part.*use select: all or kind: trajectory/,
    );
  });

  it.each(["zoo", "=5", "zoo..count=3", ".count=3", "zoo.=3", "a b=3"])("the override %s", async (override) => {
    expect(await refused(load(override))).toEqual({
      code: "E_USAGE",
      message: `expected key=value, as in sample.count=50, got ${JSON.stringify(override)}`,
    });
  });

  it("an override whose value is not YAML", async () => {
    const { code, message } = await refused(load("network.hidden=[1"));
    expect(code).toBe("E_USAGE");
    expect(message).toMatch(/^the value of "network\.hidden=\[1" is not YAML \(.+\); check its brackets and quotes$/);
  });
});

describe("loadRecipe", () => {
  it.each([
    ["an empty file", "", "expected a recipe (keys and values in YAML), got nothing"],
    ["a list", "- a\n- b", 'expected a recipe (keys and values in YAML), got ["a","b"]'],
    ["a text", "just text", 'expected a recipe (keys and values in YAML), got "just text"'],
    ["broken YAML", "a: [1", "is not YAML: "],
    ["a key that comes twice", "data: 1\ndata: 2", "is not YAML: Map keys must be unique at line 2, column 1"],
    ["an unknown tag", "data: !python/object 1", "is not YAML: Unresolved tag: !python/object"],
    ["two documents", "a: 1\n---\nb: 2", "is not YAML: it holds several documents, expected one"],
    ["tabs", "\ta: 1", "is not YAML: Tabs are not allowed as indentation"],
    ["endless nesting", "[".repeat(100_000), "is not YAML: "],
    ["binary data", "\u0000\u0001", "expected a recipe"],
  ])("refuses a file that is no recipe: %s", async (_, text, message) => {
    const error = await refused(loadText(text));
    expect(error.code).toBe("E_CONFIG");
    expect(error.message).toContain(message);
    expect(error.message).toContain("other.yaml");
    expect(error.message).not.toContain("\n");
  });

  it("refuses aliases that would expand to gigabytes", async () => {
    const bomb = Array.from({ length: 9 }, (_, i) => {
      const inner = i === 0 ? "x" : `*a${i - 1}`;
      return `k${i}: &a${i} [${Array(10).fill(inner)}]`;
    });
    expect((await refused(loadText(bomb.join("\n")))).message).toMatch(/is not YAML: Excessive alias count/);
  });

  it("refuses a folder, a missing file, a path below a file, a device and a large file", async () => {
    const large = join(folder, "large.yaml");
    await writeFile(large, " ".repeat(2 ** 20 + 1));
    for (const [file, problem] of [
      [folder, "it is a folder"],
      [join(folder, "none.yaml"), "there is no such file"],
      [join(path, "below"), "ENOTDIR"],
      ["/dev/zero", "it is not a plain file"],
      [large, "it has 1048577 bytes, at most 1048576 are read"],
    ] as const)
      expect(await refused(loadRecipe(file))).toEqual({
        code: "E_CONFIG",
        message: `cannot read recipe ${file}: ${problem}; give the path of a YAML file such as recipes/glyphs-cnn.yaml`,
      });
  });
});

it("resolveRecipe accepts a tree from a program", () => {
  const tree = {
    name: "from-code",
    data: { name: "glyphs", selection: 100 },
    network: { name: "cnn" },
    base: { epochs: 1, batch: 32, lr: 1e-3, optimiser: "adam", schedule: "cosine" },
    zoo: { count: 5 },
  };
  expect(resolveRecipe(tree, "program")).toMatchObject({ name: "from-code", network: { kernel: 3 } });
  expect(() => resolveRecipe(undefined, "program")).toThrow("program: expected a recipe");
});
