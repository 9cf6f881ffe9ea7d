/**
 * The networks that samples are set beside, made for the audit alone: draws of the baselines, and originals after a few steps
 * more of the training that made them. Each kind is one file, made once.
 */
import { join } from "node:path";
import { type BaselineFamily, baseline } from "../../baselines/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { exists, makeFolder } from "../../files/index.ts";
import { concatenate, matrix } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import { readNetworkFile, tensorsUnder, writeNetworkFile } from "../../run/index.ts";
import { trainClassifier } from "../../zoo/index.ts";
import { trainingOf } from "../collect/task-training.ts";
import type { StageContext } from "../context.ts";
import type { NetworkAt } from "../evaluate/predict.ts";
import { partsOf } from "../fit/generator-files.ts";
import { drawBaseline } from "../sample/baseline-draws.ts";

/** Networks of one file. */
export interface DrawnGroup {
  readonly name: string;
  readonly file: string;
  readonly count: number;
  /** `[count, D]`, read when asked for. */
  vectors(): Promise<Float32Array>;
}

/** Where the networks of a group lie. */
export const placesOf = ({ file, count }: Pick<DrawnGroup, "file" | "count">): NetworkAt[] =>
  Array.from({ length: count }, (_, row) => ({ file, row }));

const fileName = (name: string): string => `${name.replace(/[^\w.]+/g, "-")}.safetensors`;

/** A group whose file is made where it is not there. */
export async function drawnGroup(
  name: string,
  file: string,
  dimension: number,
  make: () => Promise<Float32Array>,
): Promise<DrawnGroup> {
  if (!(await exists(file))) await writeNetworkFile(file, matrix(await make(), dimension), { group: name });
  const { rows } = await readNetworkFile(file);
  const vectors = async () => (await readNetworkFile(file)).values;
  return { name, file, count: rows, vectors };
}

export interface DrawnBaseline extends DrawnGroup {
  readonly family: BaselineFamily;
}

/**
 * Draws of all baselines, and remarks on those that could not be drawn.
 * @param originals `[K, D]`
 * @param inForm whether they are in canonical form.
 */
export async function drawBaselines(
  context: StageContext,
  originals: Float32Array,
  inForm: boolean,
): Promise<{ baselines: DrawnBaseline[]; remarks: string[] }> {
  const { recipe, paths: p } = context;
  const { chosen } = await context.task();
  const { autoencoder } = partsOf(recipe);
  const { baselines: names, draws } = recipe.audit;
  await makeFolder(p.baselines);
  const baselines: DrawnBaseline[] = [];
  const few: string[] = [];
  const latent: string[] = [];
  const crossed: string[] = [];
  for (const [i, name] of [...new Set(names)].entries()) {
    const known = baseline(name);
    if (known.needs > originals.length / chosen.size) few.push(name);
    else if (known.space === "latents" && !autoencoder) latent.push(name);
    else if (known.space === "units" && !inForm) crossed.push(name);
    else {
      const options = { recipe, paths: p, originals, layout: chosen, count: known.single ? 1 : draws };
      const make = () => drawBaseline(known, { ...options, key: foldIn(context.key, "rival", name) });
      const group = await drawnGroup(name, join(p.baselines, fileName(name)), chosen.size, make);
      baselines.push({ ...group, family: known.family });
    }
    await context.progress("drawing baselines", i + 1, names.length);
    throwIfAborted(context.signal);
  }
  return {
    baselines,
    remarks: [
      ...(few.length === 0
        ? []
        : [`Left out, as they need more than the ${originals.length / chosen.size} originals: ${few.join(", ")}.`]),
      ...(latent.length === 0
        ? []
        : [`Left out, as they draw latents and this generator has no autoencoder: ${latent.join(", ")}.`]),
      ...(crossed.length === 0
        ? []
        : [`Left out, as only known units of separately trained networks change places: ${crossed.join(", ")}.`]),
    ],
  };
}

/** Some originals, evenly chosen, after a few steps more at the zoo's learning rate. */
export async function fineTune(context: StageContext, originals: readonly Float32Array[]): Promise<DrawnGroup> {
  const { recipe, paths: p } = context;
  const task = await context.task();
  const { chosen, network } = task;
  const { steps } = recipe.audit.fineTuned;
  const count = Math.min(recipe.audit.fineTuned.count, originals.length);
  return drawnGroup("fine-tuned", p.fineTuned, chosen.size, async () => {
    const names = new Set(chosen.entries.map((e) => e.name));
    const base = await tensorsUnder(p, chosen, network.layout);
    const common = trainingOf(context, task, { ...recipe.zoo, schedule: { type: "constant", warmup: 0 } });
    const tuned = [];
    for (let i = 0; i < count; i++) {
      tuned.push(
        await trainClassifier({
          ...common,
          steps,
          key: foldIn(context.key, "fine-tune", i),
          statistics: recipe.zoo.batchNorm === "train" ? "batch" : "running",
          frozen: new Map([...base].filter(([name]) => !names.has(name))),
          start: originals[Math.floor((i * originals.length) / count)]!,
          onStep: (done, loss) => context.progress("fine-tuning originals", i * steps + done, count * steps, { loss }),
        }),
      );
    }
    return concatenate(tuned);
  });
}
