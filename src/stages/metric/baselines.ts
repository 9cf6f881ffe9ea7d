/** Draws of the baselines of a run that is measured: measured like its samples, where whole networks of them fit in memory. */
import { join } from "node:path";
import { type BaselineFamily, baseline } from "../../baselines/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { exists, makeFolder } from "../../files/index.ts";
import { foldIn } from "../../random/index.ts";
import { checkpointPath, type SampledCoordinates, writeCheckpoint } from "../../run/index.ts";
import type { MeasuredContext } from "../context.ts";
import { partsOf } from "../fit/generator-files.ts";
import { drawBaseline } from "../sample/baseline-draws.ts";
import { type Metric, measureGroups } from "./measure-groups.ts";

/** A baseline's draws: what is looked at of them, and what they are worth. */
export interface MeasuredBaseline {
  readonly name: string;
  readonly family: BaselineFamily;
  /** `[count, view]` */
  readonly vectors: Float32Array;
  readonly values: readonly (number | null)[];
  readonly failures: readonly { readonly group: string; readonly network: number; readonly problem: string }[];
}

export interface MeasuredBaselines {
  readonly baselines: readonly MeasuredBaseline[];
  readonly remarks: readonly string[];
}

/** Draws all baselines of the recipe and measures them. */
export async function drawMeasuredBaselines(
  context: MeasuredContext,
  {
    originals,
    view,
    metric,
  }: { readonly originals: Float32Array; readonly view: SampledCoordinates; readonly metric: Metric | null },
): Promise<MeasuredBaselines> {
  const { recipe, paths: p } = context;
  const { baselines: names, draws } = recipe.audit;
  const width = view.layout.size;
  const count = originals.length / width;
  const baselines: MeasuredBaseline[] = [];
  const left: string[] = [];
  for (const [i, name] of [...new Set(names)].entries()) {
    const known = baseline(name);
    // Latents are of whole vectors.
    const drawn = known.needs <= count && (known.space === "parameters" || (view.whole && partsOf(recipe).autoencoder));
    if (!drawn) {
      left.push(name);
      continue;
    }
    const vectors = await drawBaseline(known, {
      ...{ recipe, paths: p, originals, layout: view.layout },
      count: known.single ? 1 : draws,
      key: foldIn(context.key, "rival", name),
    });
    const { values, failures } =
      metric !== null && view.whole
        ? await measured(context, name, vectors, metric)
        : { values: Array(vectors.length / width).fill(null) as null[], failures: [] };
    baselines.push({ name, family: known.family, vectors, values, failures });
    await context.progress("drawing baselines", i + 1, names.length);
    throwIfAborted(context.signal);
  }
  return {
    baselines,
    remarks: [
      ...(left.length === 0 ? [] : [`Left out, as there are too few originals or latents: ${left.join(", ")}.`]),
      ...(metric !== null && !view.whole
        ? ["Baselines were not measured: whole networks of them do not fit in memory together."]
        : []),
    ],
  };
}

/** Writes draws as checkpoints of the generated tensors, and measures them. */
async function measured(context: MeasuredContext, name: string, vectors: Float32Array, metric: Metric) {
  const chosen = await context.chosen();
  const folder = join(context.paths.baselines, name.replace(/[^\w.]+/g, "-"));
  await makeFolder(folder);
  const count = vectors.length / chosen.size;
  const files = Array.from({ length: count }, (_, i) => checkpointPath(folder, i + 1, count));
  for (const [i, file] of files.entries())
    if (!(await exists(file)))
      await writeCheckpoint(file, chosen, vectors.subarray(i * chosen.size, (i + 1) * chosen.size));
  const { groups } = await measureGroups(context, [{ name: "draws", files, networks: [...files.keys()] }], metric);
  const { values, failures } = groups.draws;
  return { values, failures: failures.map(({ network, problem }) => ({ group: name, network: network + 1, problem })) };
}
