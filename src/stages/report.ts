/** Stage six, report: renders the records of the run as a page and figures. */
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { makeFolder, readJson, writeAtomic } from "../files/index.ts";
import { parameterCount } from "../layout/index.ts";
import { type AnyRecipe, recipeText } from "../recipe/index.ts";
import { type ReportInput, renderReport } from "../report/index.ts";
import type { StageName } from "../run/index.ts";
import { curvesOf, readAudit, readResults, readStatus } from "../run/index.ts";
import { generatedTensors, type MetricContext, type StageContext } from "./context.ts";
import { recipeWithoutFolders, withoutFolders } from "./without-folders.ts";

/**
 * Reads the results, the audit, the curves of the journal and the recipe. Writes `report.html`, and
 * every figure as SVG and CSV in `figures/`.
 * @throws UserError `E_RUN` when a record is missing, damaged or of another version.
 */
export async function report(context: StageContext | MetricContext): Promise<void> {
  const { recipe, paths: p } = context;
  const results = await readResults(p.folder);
  if (results === undefined) throw missing(p.results, "evaluate", p.folder);
  const audit = await readAudit(p.folder);
  if (audit === undefined) throw missing(p.audit, "audit", p.folder);
  const environment = ((await readJson(p.environment)) ?? {}) as Record<string, string>;
  const { facts, sources, images } =
    "task" in context ? await classifierFacts(context) : await checkpointFacts(context);
  const { html, figures, tables } = await renderReport(
    {
      title: recipe.name,
      results: { ...results, seconds: { ...results.seconds, ...(await auditSeconds(context)) } },
      audit,
      curves: await curvesOf(p),
      provenance: [
        ...facts,
        ...generatorFacts(recipe),
        ["seed", String(recipe.seed)],
        ...Object.entries(environment).map(([name, value]) => [name, String(value)] as const),
        ...sources,
      ],
      recipe: recipeText(recipeWithoutFolders(recipe)),
      imported: recipe.generator === "files",
      images,
    },
    context.signal,
  );
  await makeFolder(p.figures);
  for (const [name, svg] of Object.entries(figures)) await writeAtomic(join(p.figures, `${name}.svg`), svg);
  for (const [name, csv] of Object.entries(tables)) await writeAtomic(join(p.figures, `${name}.csv`), csv);
  await writeAtomic(p.report, html);
}

/** How long the audit took, which comes after the results are written. */
async function auditSeconds({ paths }: StageContext | MetricContext): Promise<{ audit?: number }> {
  const audit = (await readStatus(paths))?.seconds.audit;
  return audit === undefined ? {} : { audit };
}

/** What made the samples. */
function generatorFacts({ generator, generatorSeed, preset, sample }: AnyRecipe): ReportInput["provenance"] {
  if (generator !== "files")
    return [
      ["generator", generator],
      ["preset", preset],
      ...(generatorSeed === null ? [] : [["seed of the generator", String(generatorSeed)] as const]),
    ];
  const files = [sample.files ?? []].flat().map((file) => withoutFolders(file, true));
  return [["generator", `another one, which made ${files.join(", ")}`]];
}

const missing = (path: string, stage: StageName, folder: string): UserError =>
  new UserError("E_RUN", `${path} cannot be read; make it again: pdiff ${stage} ${folder} --force`);

type Facts = Pick<ReportInput, "images"> & Record<"facts" | "sources", ReportInput["provenance"]>;

/** What identifies a run of classifiers: network and data. */
async function classifierFacts({ recipe, task }: StageContext): Promise<Facts> {
  const { data, network, chosen } = await task();
  return {
    facts: [
      ["network", `${recipe.network.name}, ${parameterCount(network.layout)} parameters`],
      ["generated", `${chosen.size} parameters in ${chosen.entries.length} tensors (${String(recipe.zoo.select)})`],
      [
        "data",
        `${data.name}: ${data.train.count} training, ${data.selection.count} selection, ${data.test.count} test images`,
      ],
    ],
    sources: data.sources.map(({ file, sha256 }) => [withoutFolders(file, true), `sha256 ${sha256}`] as const),
    images: { test: data.test.count, selection: data.selection.count },
  };
}

/** What identifies a run of checkpoints that only a user's metric can score. */
async function checkpointFacts(context: MetricContext): Promise<Facts> {
  const { recipe } = context;
  const layout = await generatedTensors(context);
  return {
    facts: [
      ["generated", `${layout.size} parameters in ${layout.entries.length} tensors (${String(recipe.zoo.select)})`],
      [
        "checkpoints",
        [recipe.zoo.files]
          .flat()
          .map((file) => withoutFolders(file, true))
          .join(", "),
      ],
      ["metric", withoutFolders(recipe.measure.command ?? "none, or a function")],
    ],
    sources: [],
    images: null,
  };
}
