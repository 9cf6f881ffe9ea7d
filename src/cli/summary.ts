/** The text that a run prints before it begins, and the text that it prints at its end. */
import { type AnyRecipe, outsideOf } from "../recipe/index.ts";
import type { Audit, Classification, Results } from "../records/index.ts";
import type { MetricPlan, Plan } from "../stages/index.ts";
import { bytes, count, printable, roughly } from "./format.ts";
import { list, type Text, table } from "./terminal/layout.ts";

/** The plan of a run: recipe, folder, network, sizes, memory and time. */
export function planText(recipe: AnyRecipe, source: string, folder: string, plan: Plan | MetricPlan): Text {
  const { zoo, latent, memoryBytes, diskBytes, seconds } = plan;
  const stages = Object.entries(plan.stages)
    .map(([stage, time]) => `${stage} ${roughly(time)}`)
    .join(", ");
  return list([
    ["recipe", `${recipe.name} (${source})`],
    ["folder", folder],
    ...networkLines(plan),
    ["zoo", `${count(zoo.count)} checkpoints${latent > 0 ? `; ${count(latent)} numbers in a latent` : ""}`],
    ["seed", String(recipe.seed)],
    ...outsideOf(recipe).map(({ key, value }): [string, string] => ["outside", `${key}: ${printable(value)}`]),
    ["memory", `about ${bytes(memoryBytes)}`],
    ["disk", `about ${bytes(diskBytes)}`],
    ["time", `about ${roughly(seconds)} (${stages})`],
  ]);
}

/** The network and its generated part; without a known network, only that part. */
function networkLines(plan: Plan | MetricPlan): [string, string][] {
  const { parameters, tensors } = plan.generated;
  if (!("network" in plan)) return [["generated", `${count(parameters)} numbers in ${tensors} tensors`]];
  const { network } = plan;
  const part = parameters === network.parameters ? "all" : count(parameters);
  return [
    ["network", `${network.name}, ${count(network.parameters)} parameters`],
    ["generated", `${part} of them, in ${tensors} tensors`],
  ];
}

/**
 * What came out, as blocks of text: a table of the groups and what decides whether to believe it.
 * Nothing before the evaluation.
 */
export async function resultsText(results: Results | undefined, audit: Audit | undefined): Promise<Text[]> {
  const { groupsTable, resultsTable } = await import("../report/index.ts");
  const lines = audit === undefined ? [] : verdictLines(audit);
  const classification = results?.classification;
  if (classification) {
    const { columns, rows } = resultsTable(classification);
    return [
      table([columns, ...rows.map(({ cells }) => cells)], { optional: ["median", "selection mean"] }),
      list([...classifierLines(classification, results.autoencoder), ...lines]),
    ];
  }
  if (audit === undefined) return [];
  const { columns, sections } = groupsTable(audit);
  const rows = sections.flatMap((section) => section.rows.map(({ name, cells }) => [name, ...cells]));
  return [table([["", ...columns], ...rows]), list(lines)];
}

const verdictLines = ({ verdict }: Audit): [string, string][] => [
  ["verdict", `${verdict.label}: ${verdict.meaning}`],
  ["because", verdict.rule],
];

function classifierLines({ pairwiseIoU }: Classification, autoencoder: Results["autoencoder"]): [string, string][] {
  const overlap = `${pairwiseIoU.samples.toFixed(3)} between samples, ${pairwiseIoU.originals.toFixed(3)} between originals`;
  return [
    ...(autoencoder === null
      ? []
      : [
          [
            "variance explained",
            `${(100 * autoencoder.varianceExplained).toFixed(2)} % by the autoencoder (0 would be no better than the mean)`,
          ] as [string, string],
        ]),
    ["error overlap (IoU)", overlap],
  ];
}
