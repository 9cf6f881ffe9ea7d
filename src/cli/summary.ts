/** The first screen of a run, told before it begins, and the last one, when it is over. */
import type { Plan, Recipe, StageName } from "../pipeline/index.ts";
import type { Audit, Results } from "../report/index.ts";
import { bytes, count, list, roughly, table } from "./format.ts";

/** What is about to happen. */
export function planText(recipe: Recipe, source: string, folder: string, plan: Plan): string {
  const { network, generated, zoo, latent, memoryBytes, seconds } = plan;
  const part = generated.parameters === network.parameters ? "all" : count(generated.parameters);
  const stages = (Object.entries(plan.stages) as [StageName, number][])
    .map(([stage, time]) => `${stage} ${roughly(time)}`)
    .join(", ");
  return list([
    ["recipe", `${recipe.name} (${source})`],
    ["folder", folder],
    ["network", `${network.name}, ${count(network.parameters)} parameters`],
    ["generated", `${part} of them, in ${generated.tensors} tensors`],
    ["zoo", `${count(zoo.count)} checkpoints; ${count(latent)} numbers in a latent`],
    ["seed", String(recipe.seed)],
    ["memory", `about ${bytes(memoryBytes)}`],
    ["time", `about ${roughly(seconds)} (${stages})`],
  ]);
}

/** What came out: the table of accuracies and the figures that tell whether to believe it. */
export function resultsText(results: Results, rows: readonly (readonly string[])[], audit?: Audit): string {
  const { autoencoder, pairwiseIoU } = results;
  const explained = `${(100 * (autoencoder?.varianceExplained ?? 0)).toFixed(2)} % by the autoencoder (0 would be no better than the mean)`;
  const overlap = `${pairwiseIoU.samples.toFixed(3)} between samples, ${pairwiseIoU.originals.toFixed(3)} between originals`;
  return `${table(rows)}\n\n${list([
    ...(autoencoder === null ? [] : [["variance explained", explained] as const]),
    ["error overlap (IoU)", overlap],
    ...(audit === undefined
      ? []
      : ([
          ["verdict", `${audit.verdict.name}: ${audit.verdict.meaning}`],
          ["because", audit.verdict.rule],
        ] as const)),
  ])}`;
}
