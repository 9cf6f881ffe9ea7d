/**
 * The method as functions: fit a generator to checkpoints, sample it, audit what it draws. Each works in a run folder, as the
 * commands of the same names do, prints nothing, and tells its progress to whoever iterates over it.
 */
import { openSet, openVector, type StoredTensor, tensorsToGenerate } from "./checkpoints/index.ts";
import { type Layout, unflatten } from "./layout/index.ts";
import type { Measure } from "./metric/index.ts";
import { type AnyRecipe, isMeasured } from "./recipe/index.ts";
import type { Audit } from "./records/index.ts";
import { type RunEvent, readAudit, type StageName } from "./run/index.ts";
import {
  exportFolder,
  exportNetworks,
  type OwnCheckpointsOptions,
  openRun,
  recipeForCheckpoints,
  runPipeline,
} from "./stages/index.ts";

/**
 * Work that has begun. Iterating over it gives its events as they come and throws what ends it early; `result` is what it
 * comes to. Either may be used without the other, and events nobody asks for cost nothing.
 */
export interface Work<T> extends AsyncIterable<RunEvent> {
  readonly result: Promise<T>;
}

/** What all work can be told. */
export interface WorkOptions {
  /** Stops the work after it has saved where it stands: `result` then rejects with `Interrupted`. */
  readonly signal?: AbortSignal;
}

/** A generator that was fitted. */
export interface FittedRun {
  readonly folder: string;
  readonly recipe: AnyRecipe;
}

export interface FitOptions extends OwnCheckpointsOptions, WorkOptions {
  /** The run folder, made where it does not exist; what is there is continued. */
  readonly run: string;
  /** Go on though the autoencoder explains too little. */
  readonly ignoreGate?: boolean;
}

/**
 * Fits a generator to checkpoints of any network. Sizes are chosen from the number of parameters and of checkpoints.
 * @throws UserError (from `result`) when the files are of several networks, damaged, or too few, and when the autoencoder
 *   fails its gate.
 * @example
 * const work = fit({ checkpoints: "ckpts/*.pth", select: "head.*", run: "runs/head" });
 * for await (const event of work) if (event.type === "progress") console.log(event.item.label, event.step, event.total);
 * const { folder } = await work.result;
 */
export function fit({ run: folder, signal, ignoreGate, ...checkpoints }: FitOptions): Work<FittedRun> {
  return work(async (emit) => {
    const { recipe } = await recipeForCheckpoints(checkpoints);
    await runPipeline({ recipe, folder, emit, stages: ["collect", "fit"], ...defined({ signal, ignoreGate }) });
    return { folder, recipe };
  });
}

export interface SampleOptions extends WorkOptions {
  /** The folder of a run whose generator is fitted. */
  readonly run: string;
  /** How many networks to draw; as the recipe says by default. */
  readonly count?: number;
  /** A checkpoint in any format: whole checkpoints are written like it. The one that the run keeps by default. */
  readonly like?: string;
  /** The folder that they are written to; `checkpoints` in the run folder by default. */
  readonly to?: string;
}

/**
 * Draws networks from noise and writes them as whole checkpoints.
 * @returns work whose result is their paths.
 */
export function sample({ run, count, like, to, signal }: SampleOptions): Work<readonly string[]> {
  return work(async (emit) => {
    const { recipe: known, folder } = await openRun(run);
    const recipe = count === undefined ? known : { ...known, sample: { ...known.sample, count } };
    await runPipeline({ recipe, folder, emit, stages: ["sample"], ...defined({ signal }) });
    return exportNetworks({ run: folder, to: to ?? exportFolder(folder), like });
  });
}

export interface AuditOptions extends WorkOptions {
  /** The folder of a run that has been sampled. */
  readonly run: string;
  /**
   * What a checkpoint is worth, given its path: a number, or several by name. Only of a run whose networks cannot be run
   * here; without one, such a run is audited by its parameters alone.
   */
  readonly measure?: Measure;
  /** Which of several numbers counts. */
  readonly metric?: string;
  readonly better?: "higher" | "lower";
}

/**
 * Evaluates the networks of a run and tells whether its samples are new ones; writes `report.html` in the run folder.
 * @returns work whose result is what the audit found.
 */
export function audit({ run, measure, metric, better, signal }: AuditOptions): Work<Audit> {
  return work(async (emit) => {
    const { recipe: known, folder } = await openRun(run);
    const recipe = isMeasured(known)
      ? { ...known, measure: { ...known.measure, ...defined({ metric, better }) } }
      : known;
    const stages: StageName[] = ["evaluate", "audit", "report"];
    await runPipeline({ recipe, folder, emit, stages, ...defined({ signal, measure }) });
    const found = await readAudit(folder);
    if (found === undefined) throw new Error(`the audit of ${folder} was not written`);
    return found;
  });
}

/** A checkpoint as it is read. */
export interface ReadCheckpoint {
  readonly file: string;
  /** Every chosen tensor as float32, in the order of the file. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** Checkpoints of one network. */
export interface Checkpoints extends AsyncIterable<ReadCheckpoint> {
  readonly files: readonly string[];
  /** Every tensor of the first file, of whatever type. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The chosen ones, and their places in a flat vector. */
  readonly layout: Layout;
}

/**
 * Opens checkpoints in any format (safetensors, .pth, .npz, ONNX), makes sure that they are of one network, and reads them one
 * by one.
 * @param patterns paths, folders or patterns such as `ckpts/*.pth`.
 * @param select which tensors, as in a recipe.
 * @throws UserError `E_CHECKPOINT` when there are none, or they differ in more than their values.
 */
export async function readCheckpoints(
  patterns: string | readonly string[],
  { select = "all" }: { readonly select?: string | readonly string[] } = {},
): Promise<Checkpoints> {
  const set = await openSet(patterns);
  const { files, tensors } = set;
  const layout = tensorsToGenerate(tensors, select);
  return {
    ...{ files, tensors, layout },
    async *[Symbol.asyncIterator]() {
      for (const file of files) {
        const reader = await openVector(file, layout);
        const vector = new Float32Array(layout.size);
        try {
          await reader.read(0, layout.size, vector);
        } finally {
          await reader.close();
        }
        yield { file, tensors: unflatten(layout, vector) };
      }
    },
  };
}

const defined = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

/** Events that wait for whoever iterates; of progress in one task only the latest. */
function work<T>(run: (emit: (event: RunEvent) => void) => Promise<T>): Work<T> {
  const waiting: RunEvent[] = [];
  let wake = () => {};
  let over = false;
  const emit = (event: RunEvent) => {
    const last = waiting.at(-1);
    if (event.type === "progress" && last?.type === "progress" && last.item.id === event.item.id) waiting.pop();
    waiting.push(event);
    wake();
  };
  const result = run(emit).finally(() => {
    over = true;
    wake();
  });
  // Who only iterates meets the error there.
  result.catch(() => {});
  return {
    result,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else if (over) break;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
      await result;
    },
  };
}
