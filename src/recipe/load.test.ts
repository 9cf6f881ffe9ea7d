import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { loadRecipe, recipeText, requireNetwork, resolveRecipe } from "./load.ts";
import { builtInParts, partsWith } from "./parts.ts";
import { presetNames } from "./presets.ts";
import { recipeWith } from "./recipe.fixture.ts";

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

describe("an override", () => {
  it("is named where the recipe is refused", async () => {
    expect(await refused(load("zoo.count=0"))).toEqual({
      code: "E_CONFIG",
      message: `${path} with zoo.count=0: zoo.count: expected at least 2, got 0`,
    });
  });

  it.each(["zoo", "=5", "zoo..count=3", ".count=3", "zoo.=3", "a b=3"])(
    "is refused where it is %s",
    async (override) => {
      expect(await refused(load(override))).toEqual({
        code: "E_USAGE",
        message: `expected key=value, as in sample.count=50, got ${JSON.stringify(override)}`,
      });
    },
  );

  it("is refused where its value is not YAML", async () => {
    const { code, message } = await refused(load("network.hidden=[1"));
    expect(code).toBe("E_USAGE");
    expect(message).toMatch(/^the value of "network\.hidden=\[1" is not YAML \(.+\); check its brackets and quotes$/);
  });
});

it("an unknown preset is refused with the nearest name", async () => {
  expect((await refused(load("preset=smal"))).message).toMatch(/unknown preset "smal"\. Did you mean small\?/);
});

describe("spellings", () => {
  it("may be American in recipes and overrides, and are British in what is resolved", () => {
    const american = recipeWith("base.optimizer=sgd", "data={normalize: half}", "network={name: cnn, color: false}");
    const british = recipeWith("base.optimiser=sgd", "data={normalise: half}", "network={name: cnn, colour: false}");
    expect(american).toEqual(british);
    expect(recipeText(american)).not.toMatch(/optimizer|normalize|color/);
  });

  it("are those that a program's own part declares", () => {
    const sampler = { ...builtInParts.samplers[0]!, type: "mine", options: { normalize: z.boolean() } };
    const tree = { ...recipeWith(), sample: { sampler: { type: "mine", normalize: true } } };
    const { sample } = resolveRecipe(tree, "a recipe", partsWith({ sampler }));
    expect(sample.sampler).toEqual({ type: "mine", normalize: true });
  });

  it("of one key cannot be both", () => {
    expect(() => recipeWith("base={optimizer: sgd, optimiser: adam}")).toThrow(/optimiser is given in two spellings/);
  });
});

describe("a recipe that extends others", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pdiff-extends-"));
    mkdirSync(join(folder, "shared"));
    write("shared/data.yaml", "data: { name: glyphs, selection: 100 }\nnetwork: { name: mlp, hidden: [8] }\n");
    write(
      "shared/base.yaml",
      "base: { epochs: 3, batch: 50, lr: 1e-2, optimiser: adam, schedule: cosine }\nzoo: { count: 9 }\n",
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const load = async (name: string, overrides: string[] = []) =>
    requireNetwork(await loadRecipe(join(folder, name), overrides), "a test");

  it("is laid over them, the later over the earlier, and keeps its own name", async () => {
    write("shared/more.yaml", "extends: data.yaml\ndata: { selection: 70 }\nbase: { epochs: 5 }\n");
    write("mine.yaml", "extends: [shared/base.yaml, shared/more.yaml]\nzoo: { lr: 0.5 }\n");
    const recipe = await load("mine.yaml", ["base.batch=20"]);
    expect(recipe).toMatchObject({ name: "mine", data: { name: "glyphs", selection: 70 }, zoo: { count: 9, lr: 0.5 } });
    expect(recipe.base).toMatchObject({ epochs: 5, batch: 20, lr: 1e-2 });
    expect(recipe).not.toHaveProperty("extends");
  });

  it("finds them by absolute paths, too", async () => {
    const [data, base] = ["data", "base"].map((name) => join(folder, `shared/${name}.yaml`));
    write("absolute.yaml", `extends: [${data}, ${base}]\n`);
    expect(await load("absolute.yaml")).toMatchObject({ name: "absolute", zoo: { count: 9 } });
  });

  it.each([
    ["itself", "extends: mine.yaml", /is circular: .*mine\.yaml → .*mine\.yaml/],
    ["what extends it", "extends: shared/round.yaml", /is circular: .*round\.yaml/],
    [
      "what is not there",
      "extends: shared/dta.yaml",
      /mine\.yaml: extends: cannot read recipe .*dta\.yaml: there is no such file/,
    ],
    ["a number", "extends: 7", /expected the path of a recipe/],
    ["a folder", "extends: shared", /it is a folder/],
  ])("is refused where it extends %s", async (_, text, message) => {
    write("shared/round.yaml", "extends: ../mine.yaml");
    write("mine.yaml", text);
    await expect(load("mine.yaml")).rejects.toMatchObject({
      code: "E_CONFIG",
      message: expect.stringMatching(message),
    });
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
    ["endless nesting", "[".repeat(60_000), "is not YAML: it is nested more than 64 levels deep"],
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
    await writeFile(large, " ".repeat(2 ** 16 + 1));
    for (const [file, problem] of [
      [folder, "it is a folder, not a plain file"],
      [join(folder, "none.yaml"), "there is no such file"],
      [join(path, "below"), "there is no such file"],
      ["/dev/zero", "it is a device, not a plain file"],
      [large, "it has 65537 bytes, at most 65536 are read"],
    ] as const)
      expect(await refused(loadRecipe(file))).toEqual({
        code: "E_CONFIG",
        message: `cannot read recipe ${file}: ${problem}; give the path of a YAML file, or a name that pdiff recipes lists`,
      });
  });
});

describe("recipes that extend others without bounds", () => {
  it("reads each file once, however many ways lead to it", async () => {
    const levels = 7;
    for (let i = 0; i < levels; i++) {
      const below = Array(12)
        .fill(`w${i + 1}.yaml`)
        .join(", ");
      await writeFile(join(folder, `w${i}.yaml`), `extends: [${below}]\n`);
    }
    await writeFile(join(folder, `w${levels}.yaml`), base);
    expect((await loadRecipe(join(folder, "w0.yaml"))).zoo.count).toBe(10);
  });

  it("refuses more than 64 files", async () => {
    const names = Array.from({ length: 64 }, (_, i) => `many-${i}.yaml`);
    for (const name of names) await writeFile(join(folder, name), "seed: 1\n");
    expect((await refused(loadText(`extends: [${names.join(", ")}]`))).message).toContain("more than 64 recipes");
    expect((await refused(loadText(`extends: [${Array(65).fill("many-0.yaml").join(", ")}]`))).message).toContain(
      "lists 65 recipes, expected at most 64",
    );
  });
});

it("refuses overrides that nest too deeply, without overflow", async () => {
  for (const [assignment, message] of [
    [`data=${"[".repeat(5000)}${"]".repeat(5000)}`, /is not YAML \(it is nested more than 64 levels deep\)/],
    [`data=${"{a: ".repeat(5000)}`, /is not YAML \(it is nested more than 64 levels deep\)/],
    [`${"a.".repeat(20_000)}b=1`, /names 20001 keys, expected at most 16/],
  ] as const) {
    const { code, message: got } = await refused(loadRecipe(path, [assignment]));
    expect([code, got.length < 1000]).toEqual(["E_USAGE", true]);
    expect(got).toMatch(message);
  }
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
