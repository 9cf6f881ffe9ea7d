import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { tinyRecipe } from "../../../test/support/tiny-run.ts";
import { dataSetNames } from "../../data/index.ts";
import { type FrontMatterInput, frontMatter } from "./front-matter.ts";

/** The fields, read as a catalogue reads them. */
function fields(more: Partial<FrontMatterInput> = {}): Record<string, unknown> {
  const lines = frontMatter({ recipe: tinyRecipe(), results: undefined, audit: undefined, ...more }).split("\n");
  expect([lines[0], lines.at(-1)]).toEqual(["---", "---"]);
  expect(lines.slice(1, -1)).not.toContain("---");
  return parse(lines.slice(1, -1).join("\n"));
}

const measuredBy = (name: string) => ({ metric: { name } }) as unknown as FrontMatterInput["audit"];

describe("the front matter of a model card", () => {
  it("names the library, what the networks are, and no licence, when nothing was measured", () => {
    const recipe = tinyRecipe();
    expect(recipe.data.name).toBe("glyphs");
    expect(fields()).toEqual({
      library_name: "neural-network-diffusion",
      tags: ["weight-generation", "p-diff", "arxiv:2402.13144", "image-classification", recipe.network.name],
    });
  });

  it("names every published data set, and those of the Hub as the Hub does", () => {
    const recipe = tinyRecipe();
    const named = (name: string) =>
      fields({ recipe: { ...recipe, data: { ...recipe.data, name } } as typeof recipe }).datasets;
    expect(named("cifar-10")).toEqual(["uoft-cs/cifar10"]);
    expect(named("kmnist")).toEqual(["kmnist"]);
    expect(dataSetNames.filter((name) => named(name) === undefined)).toEqual(["glyphs", "folder"]);
  });

  it("names accuracy when the networks classify, else the user's metric", () => {
    const results = { classification: {} } as unknown as FrontMatterInput["results"];
    expect(fields({ results, audit: measuredBy("accuracy") }).metrics).toEqual(["accuracy"]);
    expect(fields({ audit: measuredBy("f1-score") }).metrics).toEqual(["f1-score"]);
  });

  it("leaves out a metric whose name could be anything", () => {
    for (const name of ["a\n---\nlicense: mit", "<script>", "x: y", ""])
      expect(fields({ audit: measuredBy(name) })).not.toHaveProperty("metrics");
  });

  it("says nothing of diffusion when another generator made the networks", () => {
    for (const generator of ["files", "average:16", "vae"]) {
      const recipe = { ...tinyRecipe(), generator } as unknown as FrontMatterInput["recipe"];
      expect(fields({ recipe }).tags).not.toContain("p-diff");
    }
  });
});
