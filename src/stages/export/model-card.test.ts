import { describe, expect, it } from "vitest";

import { tinyRecipe } from "../../../test/support/tiny-run.ts";
import { layoutOf } from "../../layout/index.ts";
import { type ModelCardInput, modelCard } from "./model-card.ts";

const HOSTILE = 'a\nimport os; os.system("touch PWNED") `x` | <script>alert(1)</script>';

const card = (more: Partial<ModelCardInput> = {}): string =>
  modelCard({
    recipe: tinyRecipe(),
    chosen: layoutOf([{ name: HOSTILE, shape: [2, 3] }]),
    files: ["0001.safetensors", "0002.safetensors"],
    generator: { file: "generator.onnx", noise: [1, 4, 8], parameters: [4, 6] },
    results: undefined,
    audit: undefined,
    ...more,
  });

/** The lines of the first block of code in a language. */
function block(text: string, language: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.endsWith(`\`\`\`${language}`));
  const fence = lines[start]?.replace(language, "");
  return lines.slice(start + 1, lines.indexOf(fence ?? "", start + 1));
}

describe("the card of exported networks", () => {
  it("has a program whose lines are its own, whatever a tensor is called", () => {
    expect(block(card(), "python").map((line) => line.split(/[ .(]/)[0])).toEqual([
      "import",
      "session",
      "noise",
      "",
      "#",
    ]);
  });

  it.each([
    ["diffusion", /drawn from noise by a diffusion model/],
    ["vae", /drawn from the prior of a variational autoencoder/],
    ["average:16", /drawn by the baseline `average:16`/],
  ])("names the generator %s", (generator, origin) => {
    const text = card({ recipe: { ...tinyRecipe(), generator } });
    expect(text).toMatch(origin);
    expect(text.includes("by a diffusion model")).toBe(generator === "diffusion");
  });

  it("shows a hostile name in one cell of its table", () => {
    const row = card()
      .split("\n")
      .filter((line) => line.includes("| 2 × 3 |"));
    expect(row).toHaveLength(1);
    expect(row[0]).toMatch(/^\| ``a\\u\{a\}import os; .* \\\| <script>alert\(1\)<\/script>`` \| 2 × 3 \|$/);
  });

  it("has no HTML and no table cell made by a metric's name", () => {
    const metric = { name: "<b>|`", higherIsBetter: true, unit: "own" };
    const score = { mean: { value: 1 }, best: 2 };
    const audit = {
      verdict: { name: "new", meaning: "<i>m</i>", rule: "a | b" },
      metric,
      groups: [{ name: "<u>", count: 3, score }],
    } as unknown as ModelCardInput["audit"];
    const text = card({ audit });
    expect(text).not.toMatch(/(?<!\\)<[biu]>/);
    expect(text).toContain("| \\<b\\>\\|\\` (higher is better) |");
  });

  it("holds no folder of this machine, and a recipe that ends where its block ends", () => {
    const recipe = tinyRecipe();
    const own = { ...recipe, base: { ...recipe.base, weights: "/home/me/secret/\n```\n# weights.pth" } };
    const text = card({ recipe: own });
    expect(text).not.toContain("/home/me");
    expect(block(text, "yaml").join("\n")).toContain("seed:");
  });
});
