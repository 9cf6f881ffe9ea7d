/** Stage six: the page. Reads what the other stages wrote and nothing else. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parameterCount } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { readJson, writeAtomic } from "../files/index.ts";
import { recipeText } from "../recipe/index.ts";
import { type ReportInput, renderReport } from "../report/index.ts";
import type { StageName } from "../run/index.ts";
import { curvesOf, readAudit, readResults } from "../run/index.ts";
import type { StageContext } from "./context.ts";

export async function report({ recipe, paths: p, task }: StageContext): Promise<void> {
  const results = await readResults(p.folder);
  if (results === undefined) throw missing(p.results, "evaluate", p.folder);
  const audit = await readAudit(p.folder);
  if (audit === undefined) throw missing(p.audit, "audit", p.folder);
  const { data, network, chosen } = await task();
  const environment = ((await readJson(p.environment)) ?? {}) as Record<string, string>;
  const input: ReportInput = {
    title: recipe.name,
    results,
    audit,
    accuracies: await readAccuracies(p),
    curves: await curvesOf(p),
    provenance: [
      ["network", `${recipe.network.name}, ${parameterCount(network.layout)} parameters`],
      ["generated", `${chosen.size} parameters in ${chosen.entries.length} tensors (${String(recipe.zoo.select)})`],
      [
        "data",
        `${data.name}: ${data.train.count} training, ${data.selection.count} selection, ${data.test.count} test images`,
      ],
      ["generator", recipe.generator],
      ["preset", recipe.preset],
      ["seed", String(recipe.seed)],
      ...Object.entries(environment).map(([name, value]) => [name, String(value)] as const),
      ...data.sources.map(({ file, sha256 }) => [file, `sha256 ${sha256}`] as const),
    ],
    recipe: recipeText(recipe),
    images: { test: data.test.count, selection: data.selection.count },
  };
  const { html, figures, tables } = await renderReport(input);
  for (const [name, svg] of Object.entries(figures)) await writeAtomic(join(p.figures, `${name}.svg`), svg);
  for (const [name, csv] of Object.entries(tables)) await writeAtomic(join(p.figures, `${name}.csv`), csv);
  await writeAtomic(p.report, html);
}

const missing = (path: string, stage: StageName, folder: string): UserError =>
  new UserError("E_RUN", `${path} cannot be read; make it again: pdiff ${stage} ${folder} --force`);

async function readAccuracies(p: StageContext["paths"]): Promise<ReportInput["accuracies"]> {
  const text = await readFile(p.accuracies, "utf8").catch(() => {
    throw missing(p.accuracies, "evaluate", p.folder);
  });
  const [, ...lines] = text.trim().split("\n");
  return lines.map((line) => {
    const [group, , selection, test] = line.split(",");
    return {
      group: group as ReportInput["accuracies"][number]["group"],
      selection: Number(selection),
      test: Number(test),
    };
  });
}
