/** The text that a run prints before it begins, and the text that it prints at its end. */
import type { AnyRecipe } from "../recipe/index.ts";
import type { Audit, MeasuredAudit, Results } from "../report/index.ts";
import type { MeasuredPlan, Plan } from "../stages/index.ts";
import { bytes, count, list, roughly, table } from "./format.ts";

/** The plan of a run: recipe, folder, network, sizes, memory and time. */
export function planText(recipe: AnyRecipe, source: string, folder: string, plan: Plan | MeasuredPlan): string {
  const { zoo, latent, memoryBytes, seconds } = plan;
  const stages = Object.entries(plan.stages)
    .map(([stage, time]) => `${stage} ${roughly(time)}`)
    .join(", ");
  return list([
    ["recipe", `${recipe.name} (${source})`],
    ["folder", folder],
    ...networkLines(plan),
    ["zoo", `${count(zoo.count)} checkpoints; ${count(latent)} numbers in a latent`],
    ["seed", String(recipe.seed)],
    ["memory", `about ${bytes(memoryBytes)}`],
    ["time", `about ${roughly(seconds)} (${stages})`],
  ]);
}

/** The network and its generated part; without a known network, only that part. */
function networkLines(plan: Plan | MeasuredPlan): [string, string][] {
  const { parameters, tensors } = plan.generated;
  if (!("network" in plan)) return [["generated", `${count(parameters)} numbers in ${tensors} tensors`]];
  const { network } = plan;
  const part = parameters === network.parameters ? "all" : count(parameters);
  return [
    ["network", `${network.name}, ${count(network.parameters)} parameters`],
    ["generated", `${part} of them, in ${tensors} tensors`],
  ];
}

/** The results: accuracies, variance explained, error overlap and the verdict. */
export function resultsText(results: Results, rows: readonly (readonly string[])[], audit?: Audit): string {
  const { autoencoder, pairwiseIoU } = results;
  const explained = `${(100 * (autoencoder?.varianceExplained ?? 0)).toFixed(2)} % by the autoencoder (0 is no better than the mean)`;
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

/** The results of a run with a user's metric, or without any. */
export function measuredText(
  { verdict }: MeasuredAudit,
  columns: readonly string[],
  rows: readonly { readonly name: string; readonly cells: readonly string[] }[],
): string {
  return `${table([["", ...columns], ...rows.map(({ name, cells }) => [name, ...cells])])}\n\n${list([
    ["verdict", `${verdict.name}: ${verdict.meaning}`],
    ["because", verdict.rule],
  ])}`;
}
