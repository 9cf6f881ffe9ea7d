import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it, vi } from "vitest";
import { isThorough } from "../../test/support/thorough.ts";
import { planRun } from "../stages/index.ts";
import { findRecipe, listRecipes, type RecipeFacts } from "./catalogue.ts";
import { loadRecipe, requireNetwork } from "./load.ts";
import { quick } from "./quick.ts";
import type { Recipe } from "./schema.ts";

// What a plan takes a laptop to have, whatever the tests run on.
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  availableParallelism: () => 2,
}));

describe("the recipes of the program", () => {
  let all: RecipeFacts[];
  const recipes = new Map<string, Recipe>();
  beforeAll(async () => {
    all = await listRecipes();
    for (const { name, path } of all) recipes.set(name, requireNetwork(await loadRecipe(path), "a test"));
  });

  it("are every experiment of the paper, each under a name of its own", () => {
    const counts = new Map<string, number>();
    for (const { group } of all) counts.set(group, (counts.get(group) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toMatchObject({ main: 42, full: 12, first: 3 });
    expect(counts.get("ablation")).toBeGreaterThanOrEqual(33);
    expect(recipes.size).toBe(all.length);
  });

  /**
   * Rows of the published scripts' tables: base epochs, rate and decay; tuning rate, decay and
   * batch; steps of both trainings.
   */
  it.each([
    ["cifar100_resnet18", [10, 5e-4, 5e-4], [0.03, 5e-4, 128], [500, 1000]],
    ["cifar10_vittiny", [10, 1e-4, 1e-4], [0.15, 5e-3, 128], [100, 400]],
    ["flowers_resnet18", [15, 5e-3, 5e-3], [0.03, 5e-4, 128], [800, 1600]],
    ["pets_resnet50", [30, 1e-4, 1e-4], [0.05, 5e-4, 64], [500, 2000]],
    ["stl10_convnexttiny", [10, 1e-4, 1e-4], [0.03, 5e-4, 128], [800, 1200]],
    ["food101_vitbase", [10, 1e-4, 1e-4], [0.03, 5e-4, 128], [300, 800]],
    ["in1k_resnet50", [0, 1e-4, 1e-4], [0.005, 5e-3, 128], [1000, 4000]],
    ["cifar10_mlp", [50, 5e-3, 5e-4], [0.003, 5e-4, 128], [2500, 10_000]],
    ["stl10_convnet", [50, 5e-3, 5e-4], [1e-4, 5e-4, 64], [2000, 10_000]],
    ["mnist_cnnmedium", [25, 3e-3, 5e-3], [0.01, 5e-3, 128], [2000, 8000]],
  ])("have the published settings: %s", (name, base, tuning, steps) => {
    const { base: b, zoo, autoencoder, diffusion } = recipes.get(name)!;
    expect([b.epochs, b.lr, b.optimiser.weightDecay]).toEqual(base);
    expect([zoo.lr, zoo.optimiser.weightDecay, zoo.batch]).toEqual(tuning);
    const { training } = autoencoder as { readonly training?: { readonly steps: number } };
    expect([training?.steps ?? 0, diffusion!.training.steps]).toEqual(steps);
    expect(zoo.count).toBe(300);
  });

  it.each([
    ["cifar100_resnet18", 2048, 128],
    ["cifar100_resnet50", 5120, 128],
    ["in1k_vittiny", 768, 128],
    ["pets_convnextbase", 4096, 128],
    ["cifar10_vit", 80_714, 768],
    ["svhn_cnnmedium", 10_853, 256],
    ["ablation_layers_conv1", 9408, 1024],
    ["ablation_layers_fc", 51_300, 512],
    ["ablation_layers_bn10_13", 2048, 128],
    ["first_cifar10_resnet18", 2048, 12],
  ])("are planned without data: %s generates %i parameters by way of %i numbers", async (name, parameters, latent) => {
    const plan = await planRun(recipes.get(name)!);
    expect([plan.generated.parameters, plan.latent]).toEqual([parameters, latent]);
  });

  it("take minutes at the size of a laptop, whatever they take else", { timeout: 120_000 }, async () => {
    vi.stubEnv("PDIFF_DATA", "/nowhere");
    const slow: string[] = [];
    // One of each network; all where time does not matter.
    const networks = new Map([...recipes.values()].map((recipe) => [recipe.network.name, recipe]));
    for (const recipe of isThorough ? recipes.values() : networks.values()) {
      const { seconds } = await planRun(quick(recipe).recipe);
      if (seconds > 300) slow.push(`${recipe.name}: ${seconds} s`);
    }
    vi.unstubAllEnvs();
    expect(slow).toEqual([]);
  });

  it("are found by any words, and by name", async () => {
    expect((await listRecipes(["main", "food", "vit"])).map(({ name }) => name)).toEqual([
      "food101_vitbase",
      "food101_vittiny",
    ]);
    expect(await listRecipes(["nothing like it"])).toEqual([]);
    expect(await findRecipe("cifar10_mlp")).toMatch(/recipes\/paper\/full\/cifar10_mlp\.yaml$/);
    expect(await findRecipe("some/file.yaml")).toBe("some/file.yaml");
    await expect(findRecipe("cifar10_mpl")).rejects.toMatchObject({
      code: "E_CONFIG",
      message: expect.stringContaining("did you mean cifar10_mlp?"),
    });
  });

  it("are all in the table of docs/reproduction.md, with what is published and what was measured", () => {
    const path = fileURLToPath(new URL("../../docs/reproduction.md", import.meta.url));
    const [, table = ""] = readFileSync(path, "utf8").split("## Published and measured");
    const found = table.split("\n").filter((line) => line.startsWith("| `"));
    expect(found).toEqual(all.filter(({ group }) => group !== "" && group !== "novelty").map(rowOf));
  });
});

/** The row of a recipe in docs/reproduction.md. */
function rowOf({ name, data, network, about }: RecipeFacts): string {
  const three = (found: NonNullable<RecipeFacts["about"]>["published"]) =>
    found === undefined
      ? "–"
      : [found.original, found.ensemble, found.samples].map((x) => x?.toFixed(1) ?? "–").join(" / ");
  const mean = (x: number | undefined) => (x === undefined ? "" : ` (mean ${x.toFixed(1)})`);
  const published = `${three(about?.published)}${mean(about?.published?.mean)}`;
  const measured =
    about?.measured === undefined
      ? "not run"
      : `${three(about.measured)}${mean(about.measured.mean)}: ${about.measured.how}`;
  return `| \`${name}\` | ${data} | ${network} | ${published} | ${measured} |`;
}
