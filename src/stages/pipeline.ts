/**
 * Runs the stages of a recipe in a run folder: verifies the folder, skips finished stages, writes
 * the journal.
 */
import { cpus, totalmem } from "node:os";
import { type Claim, claimFolder, type Redo } from "../claim/index.ts";
import { Interrupted, throwIfAborted, UserError } from "../errors.ts";
import { exists, type Lock, makeFolder, remove, removeTemporaries, takeLock, writeJson } from "../files/index.ts";
import { at } from "../lookup.ts";
import { type Measure, requireTrusted, trustCommand } from "../metric/index.ts";
import { type AnyRecipe, builtInParts, changeText, hasNetwork, type Parts } from "../recipe/index.ts";
import {
  closeJournalFiles,
  fileSaver,
  foldersOf,
  forgetMeasurements,
  forgetStages,
  isRecorded,
  type Journal,
  openJournal,
  openJournalFiles,
  outputsOf,
  type Paths,
  paths,
  type RunEvent,
  recordStage,
  removeOutputs,
  requireUnchanged,
  SAVE_EVERY_MS,
  type StageName,
  stageNames,
} from "../run/index.ts";
import { versions } from "../runtime-node/index.ts";
import { withOwnNetwork } from "../task-network/index.ts";
import { version } from "../version.ts";
import { audit } from "./audit/audit.ts";
import { checkRecipe } from "./check.ts";
import { collect } from "./collect/collect.ts";
import { collectFiles } from "./collect/files.ts";
import {
  loadReported,
  type MetricContext,
  type RunContext,
  runKey,
  type StageContext,
  type TrainingTask,
} from "./context.ts";
import { evaluate } from "./evaluate/evaluate.ts";
import { fit } from "./fit/fit.ts";
import { planFolder } from "./recipe-for-checkpoints.ts";
import { report } from "./report.ts";
import { requireMemory } from "./require-memory.ts";
import { sample } from "./sample/sample.ts";

type Stage = (context: StageContext | MetricContext, options: Pick<RunOptions, "ignoreGate">) => Promise<void>;

/** The stages, for classifiers that can be run here and for networks that only a metric scores. */
const stages: Readonly<Record<StageName, Stage>> = {
  collect: (context) => ("task" in context ? collect(context) : collectFiles(context)),
  fit: (context, { ignoreGate = false }) => fit(context, { ignoreGate }),
  sample,
  evaluate,
  audit,
  report,
};

/** What to run, where, and who listens. */
export interface RunOptions {
  readonly recipe: AnyRecipe;
  /** The run folder; created if it does not exist. */
  readonly folder: string;
  /** The parts that the recipe chooses from; the built-in ones by default. */
  readonly parts?: Parts;
  /** Which stages; all by default. */
  readonly stages?: readonly StageName[];
  /**
   * Do the stages again even if they are done, and delete what later stages made of them; a zoo of
   * another recipe, too.
   */
  readonly force?: boolean;
  /** Continue when the autoencoder explains too little of the variance. */
  readonly ignoreGate?: boolean;
  /** Start even what needs more memory, by its plan, than this process may use. */
  readonly allowMemory?: boolean;
  /** Milliseconds between snapshots of long work; results do not depend on it. */
  readonly saveEveryMs?: number;
  /** For a run with a user's metric: scores a checkpoint, in place of the recipe's command. */
  readonly measure?: Measure;
  /**
   * Run the recipe's command though this user has neither typed nor confirmed it on this machine;
   * false by default.
   */
  readonly allowCommand?: boolean;
  /** Called with every event. */
  readonly emit?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs a recipe in a folder, and resumes the run that is there; results are byte-identical. Where
 * the recipe has changed, stages that depend on the change are done again.
 * @throws UserError for mistakes of the user; `E_CONFIG` when the recipe runs a command that this
 *   user has neither typed nor confirmed; `E_RUN` when another process works in the folder,
 *   or it holds the zoo of another recipe and `force` is not given;
 *   `E_DEVICE` when the plan needs more memory than this process may use.
 * @throws Interrupted after saving, when the signal aborts.
 */
export async function runPipeline(options: RunOptions): Promise<void> {
  const { recipe: asked, folder, parts = builtInParts } = options;
  const p = paths(folder);
  const recipe = withOwnNetwork(asked, p);
  // With a user's metric, sizes are known only when the checkpoints are open.
  if (hasNetwork(recipe)) checkRecipe(recipe, parts);
  await requireOwnCommand(options);
  await makeFolder(folder);
  const lock = await takeLock(p.lock);
  try {
    await runLocked(options, lock);
  } catch (error) {
    lock.lost.throwIfAborted();
    throw error;
  } finally {
    await lock.release();
  }
}

/** The stages that run the recipe's command. */
const RUNS_COMMAND: readonly StageName[] = ["evaluate", "audit"];

/** The command that a run of a recipe's stages would start; undefined if it starts none. */
export function commandOf({
  recipe,
  stages: wanted = stageNames,
  measure,
}: Pick<RunOptions, "recipe" | "stages"> & { readonly measure?: Measure | undefined }): string | undefined {
  if (hasNetwork(recipe) || measure !== undefined) return undefined;
  return wanted.some((stage) => RUNS_COMMAND.includes(stage)) ? (recipe.measure.command ?? undefined) : undefined;
}

/** @throws UserError `E_CONFIG` when the stages run a command that the user does not know. */
export async function requireOwnCommand(
  options: Pick<RunOptions, "recipe" | "stages"> & {
    readonly measure?: Measure | undefined;
    readonly allowCommand?: boolean | undefined;
  },
): Promise<void> {
  const command = commandOf(options);
  if (command === undefined) return;
  if (options.allowCommand) await trustCommand(command);
  else await requireTrusted(command);
}

/** The values that a change of the recipe left as they were, for a note. */
const waitingText = (folder: string, waiting: Claim["waiting"]): string =>
  `left as it was, as nothing that runs now depends on it: ${waiting.map(changeText).join(", ")}; to change it: pdiff run ${folder}/config.yaml --run ${folder} KEY=VALUE`;

/**
 * What `runPipeline` would do again in a folder; undefined where it only continues.
 * @throws UserError `E_RUN` where it would refuse the folder.
 */
export async function planRedo({
  recipe,
  folder,
  parts = builtInParts,
  ...what
}: Pick<RunOptions, "recipe" | "folder" | "parts" | "stages" | "force">): Promise<Redo | undefined> {
  return (await claimFolder(recipe, folder, { parts, ...what })).redo;
}

/**
 * Which stages `runPipeline` would do in a folder, in order; the others are done.
 * @throws UserError `E_RUN` where it would refuse the folder.
 */
export async function stagesToDo({
  recipe,
  folder,
  parts = builtInParts,
  stages: wanted = stageNames,
  force = false,
}: Pick<RunOptions, "recipe" | "folder" | "parts" | "stages" | "force">): Promise<readonly StageName[]> {
  const { from } = await claimFolder(recipe, folder, { parts, stages: wanted, force });
  return unfinished(paths(folder), wanted, from);
}

/** The wanted stages that are not done, or are done again from a stage on. */
async function unfinished(
  p: Paths,
  wanted: readonly StageName[],
  from: StageName | undefined,
): Promise<readonly StageName[]> {
  const again = from === undefined ? [] : stagesFrom(from);
  const isDone = await Promise.all(wanted.map((stage) => exists(outputsOf(p)[stage].done)));
  return wanted.filter((stage, i) => again.includes(stage) || !isDone[i]);
}

/** Runs the stages in a folder that this process has locked. */
async function runLocked(options: RunOptions, lock: Lock): Promise<void> {
  const { recipe: asked, folder, stages: wanted = stageNames, force = false, emit = () => {} } = options;
  const { parts = builtInParts } = options;
  const signal = AbortSignal.any([lock.lost, ...(options.signal ? [options.signal] : [])]);
  const p = paths(folder);
  const claim = await claimFolder(asked, folder, { parts, stages: wanted, force });
  const recipe = claim.otherNetwork ? asked : withOwnNetwork(asked, p);
  if (claim.from === undefined) await claim.commit();
  for (const each of foldersOf(p)) await removeTemporaries(each);
  await openJournalFiles(p);
  await writeEnvironment(p);
  const journal = await openJournal(p);
  const toDo = await unfinished(p, wanted, claim.from);
  emit({ type: "run", folder, name: recipe.name, resumed: claim.resumed, stages: toDo });
  const contextOf = contexts(recipe, { ...options, parts, journal, emit, signal });
  const memory = memoryCheck(recipe, { ...options, parts });
  try {
    if (claim.redo !== undefined) {
      emit({ type: "redo", ...claim.redo });
      await journal.log(`the recipe has changed: ${claim.redo.changes.map(changeText).join(", ")}`);
    }
    if (claim.waiting.length > 0) await contextOf(at(wanted, 0)).note(waitingText(folder, claim.waiting));
    if (claim.from !== undefined) {
      await journal.enter(claim.from);
      // Outputs are deleted only when they can be made again.
      await requireEarlier(claim.from, folder);
      if (claim.otherNetwork && hasNetwork(recipe)) checkRecipe(recipe, parts);
      await memory(claim.from);
      const context = contextOf(claim.from);
      if ("task" in context) await context.task();
      await startOver(p, claim, claim.from);
      journal.forget(stagesFrom(claim.from));
    }
    for (const stage of wanted) {
      if (await exists(outputsOf(p)[stage].done)) {
        emit({ type: "stage", stage, state: "already done" });
        await journal.enter(stage);
        // A process that was killed may have ended the stage and not recorded it.
        if (!(await isRecorded(p, stage))) await recordStage(p, stage);
        continue;
      }
      throwIfAborted(signal);
      await requireEarlier(stage, folder);
      await memory(stage);
      await requireUnchanged(p, stage, signal);
      await journal.enter(stage);
      emit({ type: "stage", stage, state: "started" });
      await journal.log(`${stage} started`);
      await stages[stage](contextOf(stage), options);
      await recordStage(p, stage);
      const seconds = journal.seconds()[stage] ?? 0;
      emit({ type: "stage", stage, state: "finished", seconds });
      await journal.log(`${stage} finished after ${seconds.toFixed(1)} s`);
    }
    await journal.leave("done");
    await closeJournalFiles(p);
  } catch (error) {
    // The journal is another process's now.
    if (lock.lost.aborted) throw error;
    await journal
      .leave(error instanceof Interrupted ? "interrupted" : "failed", (error as Error).message)
      .then(() => closeJournalFiles(p))
      .catch(() => {});
    throw error;
  }
}

const stagesFrom = (stage: StageName): readonly StageName[] => stageNames.slice(stageNames.indexOf(stage));

/**
 * Deletes what a stage and all after it have made, and then writes the recipe: whatever is there
 * when this is cut short was made by the recipe that is there.
 */
async function startOver(p: Paths, { otherNetwork, commit }: Claim, from: StageName): Promise<void> {
  const again = stagesFrom(from);
  await forgetStages(p, again);
  await removeOutputs(p, again);
  if (otherNetwork) await remove(p.network);
  await forgetMeasurements(p, again);
  await commit();
}

/**
 * Checks before each stage that the plan fits into the memory that this process may use. With a
 * user's metric, sizes are known once the checkpoints are collected.
 */
function memoryCheck(
  recipe: AnyRecipe,
  { folder, parts, allowMemory = false }: Pick<RunOptions, "folder" | "allowMemory"> & { readonly parts: Parts },
): (stage: StageName) => Promise<void> {
  let checked = allowMemory;
  return async (stage) => {
    const isUnknown = stage === "collect" && !hasNetwork(recipe);
    if (checked || isUnknown || stage === "report") return;
    requireMemory(recipe.name, await planFolder(recipe, folder, { parts }));
    checked = true;
  };
}

/** Writes versions and facts about the machine. */
async function writeEnvironment(p: Paths): Promise<void> {
  await writeJson(p.environment, {
    pdiff: version,
    ...versions(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  });
}

type ContextOptions = Pick<RunOptions, "folder" | "saveEveryMs" | "measure"> &
  Required<Pick<RunOptions, "emit" | "signal" | "parts">> & { readonly journal: Journal };

/** Makes the context of each stage. The data set and the network are loaded once for all. */
function contexts(
  recipe: AnyRecipe,
  { folder, saveEveryMs = SAVE_EVERY_MS, measure, parts, emit, signal, journal }: ContextOptions,
): (stage: StageName) => StageContext | MetricContext {
  let task: Promise<TrainingTask> | undefined;
  return (stage) => {
    const say = (type: "note" | "warning") => async (text: string) => {
      emit({ type, stage, text });
      await journal.log(`${stage}: ${text}`);
    };
    const context: Omit<RunContext, "recipe"> = {
      parts,
      paths: paths(folder),
      signal,
      journal,
      key: runKey(recipe),
      saver: (path) => {
        const saver = fileSaver(path, saveEveryMs);
        const save: typeof saver.save = async (snapshot) => {
          await saver.save(snapshot);
          journal.saved();
        };
        return { ...saver, save };
      },
      progress: (item, step, total, values = {}) => {
        emit({ type: "progress", stage, item, step, total, values });
        return journal.beat(item.id, step === total);
      },
      note: say("note"),
      warn: say("warning"),
    };
    if (hasNetwork(recipe)) return { ...context, recipe, task: () => (task ??= loadReported(recipe, context)) };
    return { ...context, recipe, measure };
  };
}

/** @throws UserError `E_RUN` when an earlier stage is not done. */
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
