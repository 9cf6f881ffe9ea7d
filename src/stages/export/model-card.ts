/**
 * The card of exported networks, in Markdown with front matter: what they are, their scores, how
 * they were made and how to use them.
 */
import type { Layout } from "../../layout/index.ts";
import { type AnyRecipe, hasNetwork, recipeText } from "../../recipe/index.ts";
import type { Audit, Metric, Results } from "../../records/index.ts";
import { version } from "../../version.ts";
import { recipeWithoutFolders } from "../without-folders.ts";
import type { ExportedGenerator } from "./export-generator.ts";
import { frontMatter } from "./front-matter.ts";
import { markdownBlock, markdownCode, markdownText, pythonText } from "./markdown.ts";

export interface ModelCardInput {
  readonly recipe: AnyRecipe;
  /** The generated tensors. */
  readonly chosen: Layout;
  /** Names of the exported files. */
  readonly files: readonly string[];
  readonly generator: ExportedGenerator | undefined;
  readonly results: Results | undefined;
  readonly audit: Audit | undefined;
}

/** Tensors that are listed one by one. */
const MAX_TENSORS = 30;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** What made the networks, of what. */
function originOf({ generator, zoo }: AnyRecipe, count: number): string {
  if (generator === "files")
    return `${count} networks that another generator made of ${zoo.count} checkpoints, as its user says, audited with pdiff ${version}.`;
  const fitted = `fitted to ${zoo.count} checkpoints with pdiff ${version}.`;
  if (generator === "diffusion")
    return `${count} networks whose parameters were drawn from noise by a diffusion model (p-diff, Wang et al., "Neural Network Diffusion"), ${fitted}`;
  if (generator === "vae")
    return `${count} networks whose parameters were drawn from the prior of a variational autoencoder, ${fitted}`;
  return `${count} networks whose parameters were drawn by the baseline ${markdownCode(generator)}, ${fitted}`;
}

/** The text of the card. */
export function modelCard({ recipe: own, chosen, files, generator, results, audit }: ModelCardInput): string {
  const recipe = recipeWithoutFolders(own);
  const { zoo } = recipe;
  const parts = [
    frontMatter({ recipe: own, results, audit }),
    `# ${markdownText(recipe.name)}: generated networks`,
    originOf(recipe, files.length),
    "## What they are worth",
    verdictOf(audit),
    resultsOf(results, audit),
    "## What was generated",
    `${chosen.size} numbers in ${chosen.entries.length} tensors of each network (selection: ${[zoo.select].flat().map(markdownCode).join(", ")}); all others are those of one trained network.`,
    tensorTable(chosen),
    "## Files",
    files.length === 0
      ? ""
      : `- ${markdownCode(files[0] ?? "")} … ${markdownCode(files.at(-1) ?? "")}: the networks, each with every tensor.`,
    generator === undefined ? "" : generatorText(generator, chosen),
    "## How they were made",
    hasNetwork(recipe)
      ? `Task network ${markdownText(recipe.network.name)}, data ${markdownText(recipe.data.name)}.`
      : `Learned from the checkpoints ${[recipe.zoo.files].flat().map(markdownCode).join(", ")}.`,
    markdownBlock("yaml", recipeText(recipe).trim()),
    "## Limits",
    "All originals come from one procedure: what is said here holds for networks made like them. Distances between networks see weights, not functions. What the originals may not do well, or do unfairly, generated networks inherit.",
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function verdictOf(audit: ModelCardInput["audit"]): string {
  if (audit === undefined)
    return "These networks were not audited: whether they are new ones, or copies and averages of the originals, is not known. `pdiff audit` tells.";
  const { label, meaning, rule } = audit.verdict;
  return `**${markdownText(label)}.** ${markdownText(meaning)} ${markdownText(rule)}`;
}

/** A table of scores: accuracies where they are known, else scores by the user's metric. */
function resultsOf(results: Results | undefined, audit: ModelCardInput["audit"]): string {
  if (results?.classification) {
    const { classification } = results;
    const rows = (["originals", "samples"] as const).map((name) => {
      const { count, test, chosenTest } = classification[name];
      return `| ${name} | ${count} | ${percent(test.mean)} | ${percent(chosenTest)} |`;
    });
    return ["| test accuracy | networks | mean | best by selection |", "| --- | --- | --- | --- |", ...rows].join("\n");
  }
  return audit?.metric == null ? "" : scoreTable(audit.groups, audit.metric);
}

function scoreTable(groups: Audit["groups"], { name, higherIsBetter }: Metric): string {
  const shown = (value: number) => String(Number(value.toPrecision(4)));
  const rows = groups.flatMap(({ name: group, count, score }) =>
    score === null ? [] : [`| ${markdownText(group)} | ${count} | ${shown(score.mean.value)} | ${shown(score.best)} |`],
  );
  const better = higherIsBetter ? "higher" : "lower";
  return [
    `| ${markdownText(name)} (${better} is better) | networks | mean | best |`,
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function tensorTable({ entries }: Layout): string {
  const rows = entries
    .slice(0, MAX_TENSORS)
    .map(({ name, shape }) => `| ${markdownCode(name)} | ${shape.join(" × ") || "scalar"} |`);
  const rest = entries.length > MAX_TENSORS ? [`| and ${entries.length - MAX_TENSORS} more | |`] : [];
  return ["| tensor | shape |", "| --- | --- |", ...rows, ...rest].join("\n");
}

function generatorText(
  { noise: [rows, count, latent], parameters: [, dimension] }: ExportedGenerator,
  chosen: Layout,
): string {
  const [first] = chosen.entries;
  return `- generator.onnx: the generator itself. Input \`noise\`, standard normal numbers [${rows}, ${count}, ${latent}]: a row to begin with and, where the sampler adds any, one for each of its steps. Output \`parameters\` [${count}, ${dimension}], the tensors of the table one after another in row-major order.

${markdownBlock(
  "python",
  [
    "import numpy as np, onnxruntime",
    'session = onnxruntime.InferenceSession("generator.onnx")',
    `noise = np.random.default_rng().standard_normal((${rows}, ${count}, ${latent}), dtype=np.float32)`,
    '(parameters,) = session.run(None, {"noise": noise})',
    ...(first === undefined
      ? []
      : [`# ${pythonText(first.name)}: parameters[0, :${first.size}].reshape(${first.shape.join(", ") || "()"})`]),
  ].join("\n"),
)}`;
}
