/** Runs stages in a run folder: checks that the folder is this recipe's, skips what is done, and writes the journal. */
import { cpus, totalmem } from "node:os";

import type { DataSet } from "../data/index.ts";
import { Interrupted, throwIfAborted, UserError } from "../errors.ts";
import { exists, makeFolder, remove, removeTemporaries, writeAtomic, writeJson } from "../files/index.ts";
import type { Measure } from "../metric/index.ts";
import {
  type AnyRecipe,
  builtInParts,
  differencesOf,
  isMeasured,
  loadRecipe,
  type Parts,
  recipeText,
} from "../recipe/index.ts";
import {
  fileSaver,
  foldersOf,
  isBusy,
  openJournal,
  outputsOf,
  type Paths,
  paths,
  progressItem,
  type RunEvent,
  readStatus,
  removeOutputs,
  SAVE_EVERY_MS,
  type StageName,
  stageNames,
  zooTensors,
} from "../run/index.ts";
import { versions } from "../runtime-node/index.ts";
import { version } from "../version.ts";
import { audit } from "./audit/audit.ts";
import { checkRecipe } from "./check.ts";
import { collect } from "./collect/collect.ts";
import { collectFiles } from "./collect/files.ts";
import {
  chosenTensors,
  classifierOf,
  loadTask,
  type MetricContext,
  type RunContext,
  runKey,
  type StageContext,
  type TrainingTask,
} from "./context.ts";
import { evaluate } from "./evaluate/evaluate.ts";
import { fit } from "./fit/fit.ts";
import { withOwnNetwork } from "./network-of.ts";
import { report } from "./report.ts";
import { sample } from "./sample/sample.ts";

/** The stages, for classifiers that can be run here and for networks that only a metric scores. */
const stages: Readonly<Record<StageName, (context: StageContext | MetricContext) => Promise<void>>> = {
  collect: (context) => ("task" in context ? collect(context) : collectFiles(context)),
  fit,
  sample,
  evaluate,
  audit,
  report,
};

/** What to run, where, and who listens. */
export interface RunOptions {
  readonly recipe: AnyRecipe;
  /** The run folder, made where it does not exist. */
  readonly folder: string;
  /** Which stages; all by default. */
  readonly stages?: readonly StageName[];
  /** Do the stages again even if they are done, and forget what later stages made of them. */
  readonly force?: boolean;
  /** Go on when the autoencoder fails its gate. */
  readonly ignoreGate?: boolean;
  /** How often long work saves where it stands, in milliseconds. Only what a kill can cost depends on it. */
  readonly saveEveryMs?: number;
  /** Of a run whose networks cannot be run here: what a checkpoint is worth, in place of the recipe's command. */
  readonly measure?: Measure;
  /** What the recipe chooses its parts from; the parts of this package by default. */
  readonly parts?: Parts;
  /** Called with what happens. */
  readonly emit?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs a recipe in a folder, continuing what is there: the same command after an interruption ends with the same bytes.
 * @throws UserError for mistakes outside the program.
 * @throws Interrupted after saving, when the signal aborts.
 */
export async function runPipeline({
  recipe: asked,
  folder,
  stages: wanted = stageNames,
  force = false,
  ignoreGate = false,
  saveEveryMs = SAVE_EVERY_MS,
  measure,
  parts = builtInParts,
  emit = () => {},
  signal = new AbortController().signal,
}: RunOptions): Promise<void> {
  const p = paths(folder);
  const recipe = withOwnNetwork(asked, p);
  // Of networks that cannot be run here the sizes are known once their checkpoints are open.
  if (!isMeasured(recipe)) checkRecipe(recipe, parts);
  await makeFolder(folder);
  const resumed = await claim(asked, folder, parts);
  for (const each of foldersOf(p)) await removeTemporaries(each);
  await writeJson(p.environment, {
    pdiff: version,
    ...versions(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  });
  const journal = await openJournal(p);
  emit({ type: "run", folder, name: recipe.name, resumed });
  const [first] = wanted;
  let current = first ?? "collect";
  let loaded: Promise<TrainingTask> | undefined;
  const load = async (): Promise<TrainingTask> => {
    if (isMeasured(recipe)) throw new Error("the networks of this run cannot be run here");
    const item = progressItem("decode-images");
    const onProgress = (step: number, total: number) => {
      emit({ type: "progress", stage: current, item, step, total, values: {} });
      return journal.beat(item.id);
    };
    const found = await loadTask(recipe, { onProgress, signal });
    const { skipped } = found.data;
    if (skipped.length > 0) await sayIn(current)("warning")(skippedText(skipped));
    return found;
  };
  const task = () => (loaded ??= load());
  const sayIn = (stage: StageName) => (type: "note" | "warning") => async (text: string) => {
    emit({ type, stage, text });
    await journal.log(`${stage}: ${text}`);
  };
  try {
    if (force && first !== undefined) {
      await journal.enter(first);
      // What is there goes only when it can be made again.
      await requireEarlier(first, folder);
      if (!isMeasured(recipe)) await task();
      const again = stageNames.slice(stageNames.indexOf(first));
      await removeOutputs(p, again);
      journal.forget(again);
    }
    for (const stage of wanted) {
      const done = outputsOf(p)[stage].done;
      if (await exists(done)) {
        emit({ type: "stage", stage, state: "already done" });
        await journal.enter(stage);
        continue;
      }
      throwIfAborted(signal);
      await requireEarlier(stage, folder);
      await journal.enter(stage);
      emit({ type: "stage", stage, state: "started" });
      await journal.log(`${stage} started`);
      const say = sayIn(stage);
      current = stage;
      const context: Omit<RunContext, "recipe"> = {
        paths: p,
        parts,
        signal,
        ignoreGate,
        journal,
        key: runKey(recipe),
        saver: (path) => fileSaver(path, saveEveryMs),
        chosen: async () => (isMeasured(recipe) ? zooTensors(recipe, p) : chosenTensors(recipe, classifierOf(recipe))),
        progress: (item, step, total, values = {}) => {
          emit({ type: "progress", stage, item, step, total, values });
          return journal.beat(item.id);
        },
        note: say("note"),
        warn: say("warning"),
      };
      await stages[stage](isMeasured(recipe) ? { ...context, recipe, measure } : { ...context, recipe, task });
      const seconds = journal.seconds()[stage] ?? 0;
      emit({ type: "stage", stage, state: "finished", seconds });
      await journal.log(`${stage} finished after ${seconds.toFixed(1)} s`);
    }
    await journal.leave("done");
  } catch (error) {
    await journal
      .leave(error instanceof Interrupted ? "interrupted" : "failed", (error as Error).message)
      .catch(() => {});
    throw error;
  }
}

/** Parts of a recipe that nothing depends on before the folder named beside them is there. */
const laterParts = (p: Paths): readonly (readonly [part: string, folder: string])[] => [
  ["sample", p.samples],
  ["evaluate", p.evaluation],
  ["measure", p.evaluation],
  ["audit", p.evaluation],
];

/** What of a recipe decided about what is there of a run. */
async function computed(recipe: AnyRecipe, p: Paths): Promise<Readonly<Record<string, unknown>>> {
  const { about: _, ...rest }: Record<string, unknown> = recipe;
  for (const [part, folder] of laterParts(p)) if (!(await exists(folder))) delete rest[part];
  return rest;
}

/**
 * Takes the folder for this recipe.
 * @returns whether it was this recipe's before.
 */
async function claim(recipe: AnyRecipe, folder: string, parts: Parts): Promise<boolean> {
  const p = paths(folder);
  const status = await readStatus(p);
  if (status !== undefined && isBusy(status))
    throw new UserError(
      "E_RUN",
      `process ${status.pid} is at work in ${folder}; wait for it, stop it, or choose another folder with --run`,
    );
  // Until there is something computed, as after an error in the data, the recipe may change.
  const begun = (await exists(p.base)) || (await exists(p.zoo));
  const write = () =>
    writeAtomic(
      p.config,
      `# Resolved recipe of this run; pdiff run on this file makes the same run again.\n${recipeText(recipe)}`,
    );
  const begin = async () => {
    await remove(p.network);
    await write();
    return false;
  };
  if (!(await exists(p.config))) {
    if (!begun) return begin();
    throw new UserError(
      "E_RUN",
      `${folder} holds a run without config.yaml; remove it or choose another folder with --run`,
    );
  }
  const there = await loadRecipe(p.config, [], parts);
  const differences = differencesOf(await computed(there, p), await computed(recipe, p));
  if (differences !== "") {
    if (!begun) return begin();
    throw new UserError(
      "E_RUN",
      `${folder} was made by another recipe (${differences}); choose another folder with --run, or remove this one`,
    );
  }
  if (recipeText(there) !== recipeText(recipe)) await write();
  return true;
}

/** Files named in a warning. */
const MAX_NAMED = 3;

function skippedText(skipped: DataSet["skipped"]): string {
  const named = skipped.slice(0, MAX_NAMED).map(({ file, problem }) => `${file} ${problem}`);
  const rest = skipped.length - named.length;
  return `left out ${skipped.length} ${skipped.length === 1 ? "image" : "images"} that cannot be decoded, as asked (data.corrupt=skip): ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
}

/** A stage needs the stages before it. */
async function requireEarlier(stage: StageName, folder: string): Promise<void> {
  for (const earlier of stageNames.slice(0, stageNames.indexOf(stage))) {
    if (!(await exists(outputsOf(paths(folder))[earlier].done))) {
      throw new UserError(
        "E_RUN",
        `${stage} needs what ${earlier} makes, which is not there; run: pdiff ${earlier} ${folder}`,
      );
    }
  }
}
