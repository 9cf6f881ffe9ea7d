/**
 * What checkpoints are worth, in numbers that somebody else works out: a command or a function, run side by side, with a time
 * limit and another try. One that fails is recorded, and the others go on.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

import { z } from "zod";

import { UserError } from "../errors.ts";
import { makeFolder, readJson, sha256File, writeJson } from "../files/index.ts";
import { throwIfAborted } from "./context.ts";

/**
 * Says what a checkpoint is worth: a number, or several by name.
 * @param checkpoint the path of a file.
 * @param signal aborted when its time is over or the work is stopped.
 */
export type Measure = (
  checkpoint: string,
  signal: AbortSignal,
) => number | Readonly<Record<string, number>> | Promise<number | Readonly<Record<string, number>>>;

/** What became of one measurement. */
export type Outcome =
  | { readonly ok: true; readonly values: Readonly<Record<string, number>> }
  | { readonly ok: false; readonly problem: string; readonly attempts: number };

/** The name of a number that comes without one. */
export const UNNAMED = "value";

export interface MeasureOptions {
  /** Paths. */
  readonly checkpoints: readonly string[];
  readonly measure: Measure;
  /** After so many milliseconds a measurement is given up. */
  readonly timeoutMs: number;
  /** How often a failed one is tried again. */
  readonly retries: number;
  /** Measurements at work side by side. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** Where to keep what was found, under the checkpoint's checksum and the name of the measure. Failures are not kept. */
  readonly cache?: { readonly folder: string; readonly name: string };
  readonly onDone?: () => void | Promise<void>;
}

/** So many failures without a success, and the measure itself must be wrong. */
const HOPELESS = 5;

/**
 * Measures checkpoints.
 * @returns outcomes in the order of the checkpoints.
 * @throws UserError `E_RUN` when the first ones fail, all of them.
 * @throws Interrupted when the signal aborts; what was found by then is kept.
 */
export async function measureAll(options: MeasureOptions): Promise<Outcome[]> {
  const { checkpoints, parallel, signal, onDone } = options;
  const outcomes: Outcome[] = [];
  let next = 0;
  let failed = 0;
  let hopeless: UserError | undefined;
  const stop = new AbortController();
  const inside = AbortSignal.any([signal, stop.signal]);
  const worker = async () => {
    while (next < checkpoints.length && !inside.aborted) {
      const i = next++;
      const outcome = await measureOne(checkpoints[i]!, { ...options, signal: inside });
      if (inside.aborted) return;
      outcomes[i] = outcome;
      failed += Number(!outcome.ok);
      const done = Object.keys(outcomes).length;
      if (!outcome.ok && failed === done && done >= Math.min(HOPELESS, checkpoints.length)) {
        hopeless = new UserError(
          "E_RUN",
          `none of ${done} measurements came to a number: ${outcome.problem}; try it by hand on one checkpoint, and then again`,
        );
        stop.abort();
      }
      await onDone?.();
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, checkpoints.length) }, worker));
  throwIfAborted(signal);
  if (hopeless !== undefined) throw hopeless;
  return outcomes;
}

const kept = z.object({ values: z.record(z.string(), z.number()) });

async function measureOne(checkpoint: string, options: MeasureOptions): Promise<Outcome> {
  const { cache, retries, signal } = options;
  const path = cache && join(cache.folder, `${await nameInCache(cache.name, checkpoint)}.json`);
  const known = path === undefined ? undefined : kept.safeParse(await readJson(path));
  if (known?.success) return { ok: true, values: known.data.values };
  let problem = "";
  for (let attempt = 1; attempt <= 1 + retries && !signal.aborted; attempt++) {
    try {
      const values = checked(await inTime(checkpoint, options));
      if (cache !== undefined && path !== undefined) {
        await makeFolder(cache.folder);
        await writeJson(path, { values });
      }
      return { ok: true, values };
    } catch (error) {
      problem = (error as Error).message;
    }
  }
  return { ok: false, problem, attempts: 1 + retries };
}

async function nameInCache(measure: string, checkpoint: string): Promise<string> {
  return createHash("sha256")
    .update(`${await sha256File(checkpoint)} ${measure}`)
    .digest("hex");
}

/** A measurement, or an error once its time is over: a function that never answers is left behind. */
async function inTime(checkpoint: string, { measure, timeoutMs, signal }: MeasureOptions) {
  const limit = new AbortController();
  const inside = AbortSignal.any([signal, limit.signal]);
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const give = (why: string) => reject(new Error(why));
    timer = setTimeout(() => {
      give(`it took longer than ${timeoutMs / 1000} s`);
      limit.abort();
    }, timeoutMs);
    inside.addEventListener("abort", () => give("it was stopped"), { once: true });
  });
  // Where the measurement ends first, nobody waits for this.
  over.catch(() => {});
  try {
    return await Promise.race([measure(checkpoint, inside), over]);
  } finally {
    clearTimeout(timer);
  }
}

function checked(found: unknown): Readonly<Record<string, number>> {
  const values = typeof found === "number" ? { [UNNAMED]: found } : found;
  if (typeof values !== "object" || values === null) throw new Error(`it gave ${typeof found}, expected a number`);
  const numbers = Object.entries(values).filter(([, value]) => typeof value === "number");
  if (numbers.length === 0) throw new Error("it gave no number");
  const odd = numbers.find(([, value]) => !Number.isFinite(value));
  if (odd !== undefined) throw new Error(`it gave ${odd[0]} ${odd[1]}, which is not finite`);
  return Object.fromEntries(numbers) as Record<string, number>;
}

/** Names of the number that is most likely meant where there are several, the likeliest first. */
const LIKELY = [UNNAMED, "accuracy", "acc", "top1", "score", "f1", "auc", "loss"];

/**
 * The name of the number that counts.
 * @param asked the one that was asked for.
 * @throws UserError `E_RUN` when there is no such number, or several of which none is the likely one.
 */
export function pickMetric(outcomes: readonly Outcome[], asked?: string): string {
  const names = [...new Set(outcomes.flatMap((outcome) => (outcome.ok ? Object.keys(outcome.values) : [])))];
  const found = asked ?? (names.length === 1 ? names[0] : LIKELY.find((name) => names.includes(name)));
  if (found !== undefined && names.includes(found)) return found;
  throw new UserError(
    "E_RUN",
    asked === undefined
      ? `there are several numbers (${names.join(", ")}); say which one counts with --metric`
      : `no measurement gave ${asked}; there is ${names.join(", ") || "nothing"}`,
  );
}

/** Words in the names of numbers of which less is better. */
const LOWER =
  /(^|[^a-z])(loss|err|error|nll|ppl|perplexity|mse|rmse|mae|mape|wer|cer|fid|brier|ece|bpc|bpb)([^a-z]|$)/i;

/** Which way is better, and how that is known. */
export function betterOf(metric: string): { readonly better: "higher" | "lower"; readonly how: string } {
  return LOWER.test(metric)
    ? { better: "lower", how: `its name says that less is better (--better higher if not)` }
    : { better: "higher", how: "nothing in its name says otherwise (--better lower if not)" };
}
