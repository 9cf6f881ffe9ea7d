/** Runs stages in a run folder: checks that the folder is this recipe's, skips what is done, and keeps the books. */
import { cpus, totalmem } from "node:os";

import { stringify } from "yaml";

import { Interrupted, UserError } from "../errors.ts";
import { readJson, removeTemporaries, writeAtomic, writeJson } from "../files/index.ts";
import type { Results } from "../report/index.ts";
import { versions } from "../runtime/index.ts";
import { version } from "../version.ts";
import { collect } from "./collect.ts";
import { exists, loadTask, runKey, type StageContext, type Task } from "./context.ts";
import { evaluate } from "./evaluate.ts";
import { type RunEvent, type StageName, stageNames } from "./events.ts";
import { fit } from "./fit.ts";
import { loadRecipe, type Recipe, recipeText } from "./recipe.ts";
import { report } from "./report.ts";
import { isBusy, journal, makeFolder, outputsOf, paths, readStatus, removeOutputs } from "./run-folder.ts";
import { sample } from "./sample.ts";

const stages: Readonly<Record<StageName, (context: StageContext) => Promise<void>>> = {
  collect,
  fit,
  sample,
  evaluate,
  report,
};

export interface RunOptions {
  readonly recipe: Recipe;
  /** The run folder, made where it does not exist. */
  readonly folder: string;
  /** Which stages; all by default. */
  readonly stages?: readonly StageName[];
  /** Do the stages again even if they are done, and forget what later stages made of them. */
  readonly force?: boolean;
  /** Go on when the autoencoder fails its gate. */
  readonly ignoreGate?: boolean;
  readonly emit?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs a recipe in a folder, continuing what is there: the same command after an interruption ends with the same bytes.
 * @throws UserError for mistakes outside the program.
 * @throws Interrupted after saving, when the signal aborts.
 */
export async function runPipeline({
  recipe,
  folder,
  stages: wanted = stageNames,
  force = false,
  ignoreGate = false,
  emit = () => {},
  signal = new AbortController().signal,
}: RunOptions): Promise<void> {
  const p = paths(folder);
  await makeFolder(folder);
  const resumed = await claim(recipe, folder);
  await removeTemporaries(folder);
  await writeJson(p.environment, {
    pdiff: version,
    ...versions(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  });
  const books = await journal(p);
  emit({ type: "run", folder, name: recipe.name, resumed });
  if (force) {
    const again = stageNames.slice(stageNames.indexOf(wanted[0]!));
    await removeOutputs(p, again);
    books.forget(again);
  }
  let task: Promise<Task> | undefined;
  try {
    for (const stage of wanted) {
      const done = outputsOf(p)[stage].done;
      if (await exists(done)) {
        emit({ type: "stage", stage, state: "already done" });
        await books.enter(stage);
        continue;
      }
      await requireEarlier(stage, folder);
      await books.enter(stage);
      emit({ type: "stage", stage, state: "started" });
      await books.log(`${stage} started`);
      const say = (type: "note" | "warning") => async (text: string) => {
        emit({ type, stage, text });
        await books.log(`${stage}: ${text}`);
      };
      await stages[stage]({
        recipe,
        paths: p,
        signal,
        ignoreGate,
        journal: books,
        key: runKey(recipe),
        task: () => (task ??= loadTask(recipe)),
        progress: (name, step, total, values = {}) => {
          emit({ type: "progress", stage, task: name, step, total, values });
          return books.beat();
        },
        note: say("note"),
        warn: say("warning"),
      });
      const seconds = books.seconds()[stage] ?? 0;
      emit({ type: "stage", stage, state: "finished", seconds });
      await books.log(`${stage} finished after ${seconds.toFixed(1)} s`);
    }
    await books.leave("done");
  } catch (error) {
    await books
      .leave(error instanceof Interrupted ? "interrupted" : "failed", (error as Error).message)
      .catch(() => {});
    throw error;
  }
}

/**
 * Takes the folder for this recipe.
 * @returns whether it was this recipe's before.
 */
async function claim(recipe: Recipe, folder: string): Promise<boolean> {
  const p = paths(folder);
  const status = await readStatus(p);
  if (status !== undefined && isBusy(status))
    throw new UserError(
      "E_RUN",
      `process ${status.pid} is at work in ${folder}; wait for it, stop it, or choose another folder with --run`,
    );
  if (!(await exists(p.config))) {
    const strangers = (await exists(p.status)) || (await exists(p.zoo));
    if (strangers)
      throw new UserError(
        "E_RUN",
        `${folder} holds a run without config.yaml; remove it or choose another folder with --run`,
      );
    await writeAtomic(
      p.config,
      `# Resolved recipe of this run; pdiff run on this file makes the same run again.\n${recipeText(recipe)}`,
    );
    return false;
  }
  const before = await loadRecipe(p.config);
  const differences = difference(before, recipe);
  if (differences.length > 0) {
    const shown =
      differences.slice(0, 3).join(", ") + (differences.length > 3 ? `, and ${differences.length - 3} more` : "");
    throw new UserError(
      "E_RUN",
      `${folder} was made by another recipe (${shown}); choose another folder with --run, or remove this one`,
    );
  }
  return true;
}

/** Where two recipes differ, as `zoo.count: 200 there, 100 here`. */
function difference(there: unknown, here: unknown, path = ""): string[] {
  if (
    typeof there === "object" &&
    typeof here === "object" &&
    there !== null &&
    here !== null &&
    !Array.isArray(there) &&
    !Array.isArray(here)
  ) {
    const keys = new Set([...Object.keys(there), ...Object.keys(here)]);
    return [...keys].flatMap((key) =>
      difference(Reflect.get(there, key), Reflect.get(here, key), path === "" ? key : `${path}.${key}`),
    );
  }
  const [a, b] = [there, here].map((value) =>
    value === undefined ? "nothing" : stringify(value, { collectionStyle: "flow" }).trim(),
  );
  return a === b ? [] : [`${path}: ${a} there, ${b} here`];
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

/**
 * An existing run.
 * @throws UserError `E_RUN` when the folder is none.
 */
export async function openRun(folder: string): Promise<{ recipe: Recipe; folder: string }> {
  const { config } = paths(folder);
  if (!(await exists(config)))
    throw new UserError(
      "E_RUN",
      `${folder} is no run folder (it has no config.yaml); start one with: pdiff run RECIPE --run ${folder}`,
    );
  return { recipe: await loadRecipe(config), folder };
}

/** The results of a run; undefined before its evaluation. */
export async function readResults(folder: string): Promise<Results | undefined> {
  return (await readJson(paths(folder).results)) as Results | undefined;
}
