/**
 * Draws further networks from the fitted generator of a run, as often as one likes: as whole
 * checkpoints in a folder of their own. The run itself is only read.
 */
import { basename, join } from "node:path";

import { throwIfAborted, UserError } from "../../errors.ts";
import { exists, makeFolder, removeTemporaries, sha256File, takeLock } from "../../files/index.ts";
import { unflatten } from "../../layout/index.ts";
import { at } from "../../lookup.ts";
import type { Measure } from "../../metric/index.ts";
import { type AnyRecipe, builtInParts, hasNetwork, type Parts } from "../../recipe/index.ts";
import type { Draw, DrawIdentity, DrawnNetwork, Metric } from "../../records/index.ts";
import { checkpointPath, outputsOf, type Paths, paths, type RunEvent, readCheckpoint } from "../../run/index.ts";
import { withOwnNetwork } from "../../task-network/index.ts";
import {
  generatedTensors,
  generatorSeed,
  loadReported,
  type RunContext,
  runKey,
  type TrainingTask,
} from "../context.ts";
import { drawsFolder, networkWriter, withEnding } from "../export/export.ts";
import { verifiedGenerator } from "../fit/generator-index.ts";
import { openRun } from "../open-run.ts";
import { requireOwnCommand } from "../pipeline.ts";
import { planFolder } from "../recipe-for-checkpoints.ts";
import { requireMemory } from "../require-memory.ts";
import { type DrawFolder, drawLock, openDrawFolder } from "./draw-folder.ts";
import { networksInMemory, openSource } from "./network-source.ts";
import { type DrawContext, scoreDrawn } from "./scorer.ts";

/** Which networks to draw, from which run, and where to. */
export interface DrawOptions {
  /** The run folder. */
  readonly run: string;
  /** How many networks are drawn; as many as the run's own samples by default. */
  readonly count?: number | undefined;
  /**
   * The same seed draws the same networks; that of the recipe drew the run's own samples. Without
   * one, the draw goes on where these end.
   */
  readonly seed?: number | undefined;
  /** Keep this many, the best by validation; all by default. */
  readonly selectBest?: number | undefined;
  /** The folder that they are written to; one in `draws` of the run folder by default. */
  readonly to?: string | undefined;
  /** A checkpoint in any format: whole checkpoints are written like it. */
  readonly like?: string | undefined;
  /** Scores a checkpoint, in place of the command of the run. */
  readonly measure?: Measure | undefined;
  /** Run the run's command though this user has neither typed nor confirmed it. */
  readonly allowCommand?: boolean | undefined;
  /** Start even what needs more memory, by its plan, than this process may use. */
  readonly allowMemory?: boolean | undefined;
  /** What the run's recipe chooses its parts from; the parts of this package by default. */
  readonly parts?: Parts | undefined;
  readonly emit?: ((event: RunEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Networks that were drawn, in their folder. */
export interface DrawnNetworks extends Draw {
  readonly folder: string;
  /** The paths of the networks, the best first where they were chosen. */
  readonly files: readonly string[];
}

/**
 * Whether networks that are asked for are further ones, beside the run's own samples: another
 * number than the run has, of some seed, or a choice of the best.
 */
export async function isFurtherDraw(
  { recipe, folder }: { readonly recipe: AnyRecipe; readonly folder: string },
  { count, seed, selectBest }: Pick<DrawOptions, "count" | "seed" | "selectBest">,
): Promise<boolean> {
  if (seed !== undefined || selectBest !== undefined) return true;
  return count !== undefined && count !== recipe.sample.count && (await exists(paths(folder).samplesIndex));
}

/** The folder of a draw where none is named. */
export function drawFolder(
  run: string,
  count: number,
  { seed, selectBest }: Pick<DrawOptions, "seed" | "selectBest">,
): string {
  const best = selectBest === undefined ? "" : `best-${selectBest}-of-`;
  return join(drawsFolder(run), `${best}${count}-${seed === undefined ? "further" : `seed-${seed}`}`);
}

/**
 * Draws networks, batch by batch: memory does not grow with their number. A call that was stopped
 * or killed goes on when it is made again, and ends with the same bytes.
 * @throws UserError `E_RUN` when the run is not fitted, draws one network only or has no metric to
 *   choose by; `E_USAGE` when the folder holds something else.
 * @throws Interrupted between two steps, when the signal aborts.
 */
export async function drawNetworks(options: DrawOptions): Promise<DrawnNetworks> {
  const { run, selectBest, parts = builtInParts, like, allowMemory = false } = options;
  const opened = await openRun(run, parts);
  const p = paths(opened.folder);
  const recipe = withOwnNetwork(opened.recipe, p);
  const { count = recipe.sample.count, seed } = options;
  if (selectBest !== undefined && selectBest > count)
    throw new UserError("E_USAGE", `${selectBest} of ${count} networks cannot be kept; draw more, or keep fewer`);
  if (!(await exists(outputsOf(p).fit.done)))
    throw new UserError("E_RUN", `${run} has no fitted generator to draw from; fit one: pdiff fit ${run}`);
  if (selectBest !== undefined) await requireOwnCommand({ ...options, recipe, stages: ["evaluate"] });
  await verifiedGenerator(p);
  const draw: DrawIdentity = {
    generator: await sha256File(p.generatorIndex),
    zoo: await sha256File(p.zooIndex),
    seed: seed ?? generatorSeed(recipe),
    start: seed === undefined ? recipe.sample.count : 0,
    count,
    selectBest: selectBest ?? null,
    sampler: recipe.generator === "diffusion" ? recipe.sample.sampler : null,
    guidance: recipe.sample.guidance,
    like: like ?? null,
  };
  const context = contextOf(recipe, p, draw.seed, { ...options, parts });
  const chosen = await generatedTensors(context);
  if (!allowMemory) {
    const atOnce = Math.min(count, networksInMemory(chosen.size));
    const small = { ...recipe, sample: { ...recipe.sample, count: atOnce } };
    requireMemory(recipe.name, await planFolder(small, p.folder, { parts }));
  }
  const folder = options.to ?? drawFolder(run, count, options);
  await makeFolder(folder);
  const lock = await takeLock(drawLock(folder));
  try {
    await removeTemporaries(folder);
    const into = await openDrawFolder(folder, draw);
    const whole = into.done ? into.state : await drawInto(context, into, folder);
    return { ...whole, folder, files: whole.networks.map(({ file }) => join(folder, file)) };
  } finally {
    await lock.release();
  }
}

/** Draws what is left of a draw. */
async function drawInto(context: DrawContext, into: DrawFolder, folder: string): Promise<Draw> {
  const { recipe, paths: p, signal } = context;
  const { draw } = into.state;
  const { count: total, start, selectBest } = draw;
  const chosen = await generatedTensors(context);
  const writer = await networkWriter(recipe, p, { like: draw.like ?? undefined });
  const source = await openSource(context, { chosen, total, start });
  let { state } = into;
  if (state.drawn > 0) await context.note(`${state.drawn} of ${total} networks are drawn already`);
  try {
    while (state.drawn < total) {
      const { drawn } = state;
      // Of each batch, so that nothing is taken over from another.
      const work = join(into.work, String(drawn));
      const files = await source.write(work, drawn, Math.min(source.batch, total - drawn));
      throwIfAborted(signal);
      const scored =
        selectBest === null ? undefined : await scoreDrawn(context, files, work, state.metric ?? undefined);
      const fresh = files.map((_, i): DrawnNetwork => {
        const number = drawn + i + 1;
        const path = withEnding(checkpointPath(folder, number, total), writer.ending);
        return { file: basename(path), number, score: scored?.scores[i] ?? null };
      });
      const all = [...state.networks, ...fresh];
      const networks = scored === undefined ? all : best(all, scored.metric, selectBest ?? total);
      const kept = new Set(networks);
      for (const [i, network] of fresh.entries())
        if (kept.has(network)) {
          const values = unflatten(chosen, await readCheckpoint(at(files, i), chosen));
          await writer.write(join(folder, network.file), values);
        }
      state = {
        ...state,
        metric: scored?.metric ?? null,
        scores: scored === undefined ? null : [...(state.scores ?? []), ...scored.scores],
        drawn: drawn + files.length,
        networks,
      };
      await into.save(state);
      throwIfAborted(signal);
    }
  } finally {
    await source.close();
  }
  await into.finish(state);
  return state;
}

/** The best networks by a metric, the best first; those without a score are left out. */
function best(networks: readonly DrawnNetwork[], { higherIsBetter }: Metric, most: number): DrawnNetwork[] {
  const sign = higherIsBetter ? -1 : 1;
  const scored = networks.flatMap((network) => (network.score === null ? [] : [{ network, score: network.score }]));
  return scored
    .sort((a, b) => sign * (a.score - b.score) || a.network.number - b.network.number)
    .slice(0, most)
    .map(({ network }) => network);
}

/** What the work gets: the run's recipe, and the random numbers of the draw's seed. */
function contextOf(
  recipe: AnyRecipe,
  p: Paths,
  seed: number,
  { parts, emit = () => {}, signal = new AbortController().signal, measure }: DrawOptions & { readonly parts: Parts },
): DrawContext {
  const say = (type: "note" | "warning") => async (text: string) => emit({ type, stage: "sample", text });
  const context: Omit<RunContext, "recipe" | "journal" | "saver"> = {
    parts,
    paths: p,
    signal,
    key: runKey({ seed }),
    progress: async (item, step, total, values = {}) =>
      emit({ type: "progress", stage: "sample", item, step, total, values }),
    note: say("note"),
    warn: say("warning"),
  };
  if (!hasNetwork(recipe)) return { ...context, recipe, measure };
  let task: Promise<TrainingTask> | undefined;
  return { ...context, recipe, task: () => (task ??= loadReported(recipe, context)) };
}
