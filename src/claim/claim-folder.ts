/**
 * Claims a run folder for a recipe. Where the folder holds another one, what does not depend on the
 * difference is kept and the rest is done again; a zoo is replaced only on request.
 */
import { UserError } from "../errors.ts";
import { exists, remove, writeAtomic } from "../files/index.ts";
import { at, last } from "../lookup.ts";
import {
  type AnyRecipe,
  type Change,
  changesOf,
  differencesOf,
  hasNetwork,
  loadRunRecipe,
  type Parts,
  recipeText,
  withoutChanges,
} from "../recipe/index.ts";
import { outputsOf, type Paths, paths, readStatus, removeOutputs, type StageName, stageNames } from "../run/index.ts";
import { firstStageOf, placeOf } from "./first-stage.ts";

/** What is done again because the recipe has changed. */
export interface Redo {
  readonly changes: readonly Change[];
  /** Stages that are done and stay. */
  readonly kept: readonly StageName[];
  /** Stages whose results are deleted, to be made again. */
  readonly redone: readonly StageName[];
}

/** A folder that is free for a recipe. */
export interface Claim {
  /** Whether the folder held a run before whose zoo is kept. */
  readonly resumed: boolean;
  /** Undefined where nothing has to be done again. */
  readonly redo: Redo | undefined;
  /** The first stage whose results must be deleted before `commit`; undefined for none. */
  readonly from: StageName | undefined;
  /** Whether a copy of a network that the folder holds is of another recipe. */
  readonly otherNetwork: boolean;
  /** Changes that wait: only stages that are done, and do not run now, depend on them. */
  readonly waiting: readonly Change[];
  /** Writes config.yaml; called once what the recipe no longer fits is removed. */
  commit(): Promise<void>;
}

/** What is to be run in the folder. */
export interface ClaimOptions {
  readonly parts: Parts;
  /** All by default. */
  readonly stages?: readonly StageName[] | undefined;
  /** Do them again even if they are done, and all after them; false by default. */
  readonly force?: boolean | undefined;
}

/**
 * Claims a run folder for a recipe; to be called by the process that has locked it, or for a plan.
 * Changes nothing before `commit`.
 * @throws UserError `E_RUN` when the folder holds the zoo of another recipe and `force` is not
 *   given, or results that stages before the given ones would have to make again.
 */
export async function claimFolder(recipe: AnyRecipe, folder: string, options: ClaimOptions): Promise<Claim> {
  const { parts, stages = stageNames, force = false } = options;
  const p = paths(folder);
  const write = (what: AnyRecipe) =>
    writeAtomic(
      p.config,
      `# Resolved recipe of this run; pdiff run on this file makes the same run again.\n${recipeText(what)}`,
    );
  // The recipe may change as long as no stage has written anything, as after an error in the data.
  const begun = (await exists(p.base)) || (await exists(p.zoo));
  const fresh: Claim = {
    resumed: false,
    redo: undefined,
    from: undefined,
    otherNetwork: true,
    waiting: [],
    async commit() {
      await remove(p.network);
      if (begun) await removeOutputs(p, ["collect"]);
      await write(recipe);
    },
  };
  if (!(await exists(p.config))) {
    if (!begun) return fresh;
    throw new UserError(
      "E_RUN",
      `${folder} holds a run without config.yaml; remove it or choose another folder with --run`,
    );
  }
  const there = await loadRunRecipe(p.config, parts);
  const changes = changesOf(there, recipe);
  if (earliest(changes) === "collect") {
    // A collection of files that did not end holds nothing but copies of some.
    const onlyCopies = [there, recipe].every(({ zoo }) => zoo.kind === "files") && !(await exists(p.zooIndex));
    if (!begun || onlyCopies) return fresh;
  }
  const again = force ? at(stages, 0) : undefined;
  const made = await stagesBegun(p, changes);
  const waiting = waitingChanges(changes, { made, again, last: last(stages) });
  const applied = changes.filter((change) => !waiting.includes(change));
  const first = earliest(applied);
  const isOutdated = first !== undefined && made.some((stage) => !isBefore(stage, first));
  if (isOutdated) await requireAllowed(p, { there, recipe, first, made, stages, force });
  const from = stageNames.find((stage) => stage === again || (isOutdated && stage === first));
  const effective = withoutChanges(recipe, waiting);
  const [kept, redone] = [true, false].map((before) =>
    made.filter((stage) => from !== undefined && isBefore(stage, from) === before),
  ) as [StageName[], StageName[]];
  return {
    resumed: true,
    redo: isOutdated ? { changes: applied, kept, redone } : undefined,
    from,
    otherNetwork: applied.some(({ key }) => key.split(".")[0] === "network"),
    waiting,
    commit: async () => (recipeText(there) === recipeText(effective) ? undefined : write(effective)),
  };
}

const isBefore = (stage: StageName, other: StageName): boolean => placeOf(stage) < placeOf(other);

/** The first stage that depends on any of some changes; undefined where there are none. */
const earliest = (changes: readonly Change[]): StageName | undefined =>
  stageNames.find((stage) => changes.some(({ key }) => firstStageOf(key) === stage));

/** The stages that have written something that depends on what changed. */
async function stagesBegun(p: Paths, changes: readonly Change[]): Promise<StageName[]> {
  const begun: StageName[] = [];
  for (const stage of stageNames) {
    const { done, all } = outputsOf(p)[stage];
    // Measurements are kept by their command, so an evaluation that failed goes on with another.
    const onlyMetric = changes.length > 0 && changes.every(({ key }) => key.startsWith("measure."));
    const outputs = stage === "evaluate" && onlyMetric ? [done] : all;
    if ((await Promise.all(outputs.map(exists))).includes(true)) begun.push(stage);
  }
  return begun;
}

/** Changes that only later stages depend on, which are done and which nothing makes invalid. */
function waitingChanges(
  changes: readonly Change[],
  {
    made,
    again,
    last,
  }: { readonly made: readonly StageName[]; readonly again?: StageName | undefined; readonly last: StageName },
): Change[] {
  const [now, later] = [
    changes.filter(({ key }) => !isBefore(last, firstStageOf(key))),
    changes.filter(({ key }) => isBefore(last, firstStageOf(key))),
  ];
  const from = [earliest(now), again];
  return later.filter(({ key }) => {
    const stage = firstStageOf(key);
    const isInvalid = from.some((first) => first !== undefined && !isBefore(stage, first));
    return made.includes(stage) && !isInvalid;
  });
}

interface Replacement {
  readonly there: AnyRecipe;
  readonly recipe: AnyRecipe;
  /** The first stage that has to be done again. */
  readonly first: StageName;
  readonly made: readonly StageName[];
  readonly stages: readonly StageName[];
  readonly force: boolean;
}

/** @throws UserError `E_RUN` when a zoo would be lost, or an earlier stage would have to run. */
async function requireAllowed(p: Paths, options: Replacement): Promise<void> {
  const { there, recipe, first, made, stages, force } = options;
  const start = at(stages, 0);
  const differences = `${p.folder} was made by another recipe (${differencesOf(there, recipe)})`;
  if (isBefore(first, start))
    throw new UserError(
      "E_RUN",
      `${differences}, and ${first} depends on that, which comes before ${start}; run all stages, from ${first} on`,
    );
  if (first !== "collect" || force) return;
  const seconds = (await readStatus(p))?.seconds.collect;
  const time =
    seconds !== undefined && seconds > 100 ? `${Math.round(seconds / 60)} min` : `${Math.ceil(seconds ?? 0)} s`;
  const work = seconds === undefined ? "" : ` (${time} of work)`;
  const zoo = `its zoo of ${there.zoo.count} checkpoints${hasNetwork(there) ? work : ""}`;
  const after = made.filter((stage) => stage !== "collect");
  const lost = after.length === 0 ? zoo : `${zoo}, and what came of it (${after.join(", ")})`;
  throw new UserError(
    "E_RUN",
    `${differences}; this would delete ${lost}; use another folder (--run OTHER), or delete all that with --force`,
  );
}
