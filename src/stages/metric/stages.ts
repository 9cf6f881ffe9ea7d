/**
 * Evaluation, audit and report of networks that cannot be run here: a program of the user's, or a function, says what each is
 * worth, and the audit sets these numbers beside how far the networks lie from those that were learned from.
 */
import { join } from "node:path";

import { z } from "zod";
import { throwIfAborted } from "../../errors.ts";
import { auditMeasured as auditNumbers, type Distances, distanceMeter, distances } from "../../evaluation/index.ts";
import { exists, makeFolder, readJson, writeAtomic, writeJson } from "../../files/index.ts";
import { foldIn, permutation } from "../../random/index.ts";
import { recipeText } from "../../recipe/index.ts";
import { type MeasuredAudit, renderMeasuredReport } from "../../report/index.ts";
import {
  checkpointPath,
  curvesOf,
  readCheckpoint,
  readMeasured,
  readSampledCoordinates,
  sampleCoordinates,
  verifiedCheckpoints,
  verifiedHeldOut,
  writeCheckpoint,
} from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { isTrajectory, ONE_TRAINING } from "../collect/import-checkpoints.ts";
import type { MeasuredContext } from "../context.ts";
import { partsOf, verifiedGenerator } from "../fit/generator-files.ts";
import { drawMeasuredBaselines } from "./baselines.ts";
import { type Found, type MeasuredGroup, measureGroups } from "./measure-groups.ts";

/** Whether half of the held-out networks chose the denoiser that is sampled. */
const choosesByHeldOut = ({ generator, diffusion }: MeasuredContext["recipe"]): boolean =>
  partsOf({ generator }).denoiser && diffusion?.choose === "held-out";

/** The files of the groups that every audit has. */
async function groupFiles({ recipe, paths: p }: MeasuredContext) {
  const redo = (stage: string) => `make them again: pdiff ${stage} ${p.folder} --force`;
  const heldOut = await verifiedHeldOut(p, recipe);
  return {
    originals: await verifiedCheckpoints(p.zoo, redo("collect")),
    // Where half of them chose the denoiser, only the other half may judge.
    heldOut: heldOut?.files.filter((_, i) => !choosesByHeldOut(recipe) || i % 2 === 1) ?? [],
    samples: await verifiedCheckpoints(p.samples, redo("sample")),
  };
}

/** Evenly chosen places of so many. */
export const evenly = (count: number, most: number): number[] =>
  count <= most
    ? Array.from({ length: count }, (_, i) => i)
    : Array.from({ length: most }, (_, i) => Math.floor((i * count) / most));

const found = z.object({
  /** Places in the group, from 0. */
  networks: z.array(z.number()),
  values: z.array(z.number().nullable()),
  failures: z.array(z.object({ network: z.number(), problem: z.string() })),
});
const evaluation = z.object({
  kind: z.literal("measured"),
  metric: z.object({ name: z.string(), better: z.enum(["higher", "lower"]), how: z.string() }).nullable(),
  groups: z.object({ heldOut: found, originals: found, samples: found, shuffled: found }),
});

/** Measures held-out networks first, whose numbers fix the acceptance threshold, and samples last. */
export async function evaluateMeasured(context: MeasuredContext): Promise<void> {
  const { recipe, paths: p } = context;
  const files = await groupFiles(context);
  await verifiedGenerator(p);
  await makeFolder(p.evaluation);
  const most = recipe.measure.networks;
  const group = (name: "heldOut" | "originals" | "samples"): MeasuredGroup => ({
    name,
    files: files[name],
    networks: evenly(files[name].length, most),
  });
  const lost = await shuffledFiles(context);
  const { metric, groups } = await measureGroups(context, [
    group("heldOut"),
    group("originals"),
    { name: "shuffled", files: lost, networks: [...lost.keys()] },
    group("samples"),
  ]);
  if (metric === null)
    await context.note(
      `nothing says what a network is worth: the audit knows parameters alone; pdiff evaluate ${p.folder} --force --evaluate 'command {checkpoint}' measures them`,
    );
  else await context.note(`${metric.name} counts, ${metric.better} is better: ${metric.how}`);
  await writeJson(p.results, { kind: "measured", metric, groups });
}

/** Networks that have lost what they learned, of which only so many are needed. */
const SHUFFLED = 3;

/** Originals whose generated numbers are shuffled within each tensor: what is left where nothing that was learned is. */
async function shuffledFiles({ recipe, paths: p, key, chosen, measure }: MeasuredContext): Promise<string[]> {
  if (measure === undefined && recipe.measure.command === null) return [];
  const layout = await chosen();
  const originals = await verifiedCheckpoints(p.zoo, `make them again: pdiff collect ${p.folder} --force`);
  const folder = join(p.evaluation, "shuffled");
  const files = [];
  for (const [i, k] of evenly(originals.length, SHUFFLED).entries()) {
    const path = checkpointPath(folder, i + 1, SHUFFLED);
    files.push(path);
    if (await exists(path)) continue;
    const vector = await readCheckpoint(originals[k]!, layout);
    for (const { name, offset, size } of layout.entries) {
      const order = permutation(foldIn(key, "shuffle", i, name), size);
      const tensor = vector.slice(offset, offset + size);
      for (let at = 0; at < size; at++) vector[offset + at] = tensor[order[at]!]!;
    }
    await writeCheckpoint(path, layout, vector);
  }
  return files;
}

/** What the evaluation found. */
async function readEvaluation({ paths: p }: MeasuredContext): Promise<z.output<typeof evaluation>> {
  const parsed = evaluation.safeParse(await readJson(p.results));
  if (parsed.success) return parsed.data;
  throw new Error(`${p.results} is not what an evaluation writes`);
}

/** Tells whether samples are new networks, as far as numbers and parameters tell. */
export async function auditMeasured(context: MeasuredContext): Promise<void> {
  const { recipe, paths: p } = context;
  const chosen = await context.chosen();
  const files = await groupFiles(context);
  const { autoencoder } = await verifiedGenerator(p);
  const { metric, groups } = await readEvaluation(context);
  const view = sampleCoordinates(chosen, files.originals.length + files.heldOut.length + files.samples.length);
  const { values: originals } = await readSampledCoordinates(files.originals, chosen, view);
  const { values: samples } = await readSampledCoordinates(files.samples, chosen, view);
  const { baselines, remarks } = await drawMeasuredBaselines(context, { originals, view, metric });
  throwIfAborted(context.signal);
  const trajectory = await isTrajectory(context);
  const meter = await distanceMeter({
    originals,
    layout: view.layout,
    trajectory,
    device: nodeDevice(recipe.device),
  });
  const width = view.layout.size;
  const all = (of: Found, count: number): (number | null)[] => {
    const values: (number | null)[] = Array(count).fill(null);
    of.networks.forEach((network, i) => {
      values[network] = of.values[i]!;
    });
    return values;
  };
  /** Where numbers count, only the networks that were measured; else all. */
  const placed = async (vectors: Float32Array, of: Found) => {
    const measured = await meter.measure(vectors);
    return metric === null
      ? { ...measured, values: all(of, vectors.length / width) }
      : { ...pick(measured, of.networks), values: of.values };
  };
  const { values: heldOut } = await readSampledCoordinates(files.heldOut, chosen, view);
  const { samplesToMean, samplesApart } = distances(originals, samples, width);
  const own =
    metric === null
      ? { ...meter.originals, values: all(groups.originals, files.originals.length) }
      : { ...pick(meter.originals, groups.originals.networks), values: groups.originals.values };
  const lost = metric === null ? [] : await shuffledFiles(context);
  const shuffled = lost.length === 0 ? undefined : (await readSampledCoordinates(lost, chosen, view)).values;
  const measuredBaselines = [];
  for (const { name, family, vectors, values } of baselines)
    measuredBaselines.push({ name, family, ...(await meter.measure(vectors)), values });
  const statistics = auditNumbers({
    metric,
    originals: own,
    heldOut: files.heldOut.length === 0 ? undefined : await placed(heldOut, groups.heldOut),
    samples: await placed(samples, groups.samples),
    shuffled: shuffled === undefined ? undefined : await placed(shuffled, groups.shuffled),
    baselines: measuredBaselines,
    neighbours: meter.neighbours,
    originalsDiffer: originals.some((x, i) => x !== originals[i % width]),
    ...{ toMean: samplesToMean, apart: samplesApart },
    key: foldIn(context.key, "audit"),
  });
  const failures = (["heldOut", "originals", "samples", "shuffled"] as const).flatMap((group) =>
    groups[group].failures.map(({ network, problem }) => ({ group: LABELS[group], network: network + 1, problem })),
  );
  const result: MeasuredAudit = {
    kind: "measured",
    ...statistics,
    metric,
    ...{
      failures: [...failures, ...baselines.flatMap((r) => r.failures)],
      autoencoder,
      seconds: context.journal.seconds(),
    },
    remarks: [
      ...statistics.remarks,
      ...remarks,
      ...(view.whole
        ? []
        : [
            `Distances are measured on ${width} of the ${chosen.size} generated numbers, the same blocks of every network, evenly spread over each tensor.`,
          ]),
      ...(choosesByHeldOut(recipe) && files.heldOut.length > 0
        ? ["Half of the held-out networks chose the denoiser; the audit uses the other half."]
        : []),
      ...(trajectory ? [ONE_TRAINING] : []),
    ],
  };
  await writeJson(p.audit, result);
  await context.note(`${result.verdict.name}: ${result.verdict.meaning} ${result.verdict.rule}`);
}

const LABELS = { heldOut: "held-out", originals: "originals", samples: "samples", shuffled: "shuffled" } as const;

/** Some rows of distances. */
function pick(of: Distances, rows: readonly number[]): Distances {
  const some = (values: Float32Array) => Float32Array.from(rows, (i) => values[i]!);
  return { raw: some(of.raw), standardised: some(of.standardised), isolation: some(of.isolation) };
}

/** The page. */
export async function reportMeasured({ recipe, paths: p, chosen }: MeasuredContext): Promise<void> {
  const audit = await readMeasured(p.folder);
  if (audit === undefined) throw new Error(`${p.audit} is not there`);
  const layout = await chosen();
  const environment = ((await readJson(p.environment)) ?? {}) as Record<string, string>;
  const { html, figures, tables } = await renderMeasuredReport({
    title: recipe.name,
    audit,
    curves: await curvesOf(p),
    provenance: [
      ["generated", `${layout.size} parameters in ${layout.entries.length} tensors (${String(recipe.zoo.select)})`],
      ["checkpoints", [recipe.zoo.files].flat().join(", ")],
      ["measured by", recipe.measure.command ?? "nothing, or a function"],
      ["generator", recipe.generator],
      ["seed", String(recipe.seed)],
      ...Object.entries(environment).map(([name, value]) => [name, String(value)] as const),
    ],
    recipe: recipeText(recipe),
  });
  await makeFolder(p.figures);
  for (const [name, svg] of Object.entries(figures)) await writeAtomic(`${p.figures}/${name}.svg`, svg);
  for (const [name, csv] of Object.entries(tables)) await writeAtomic(`${p.figures}/${name}.csv`, csv);
  await writeAtomic(p.report, html);
}
