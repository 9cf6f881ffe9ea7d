/**
 * Scores checkpoints with a user's metric, a command or a function. Several run at a time, with a
 * time limit and retries. A failure is recorded, and the others go on.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { throwIfAborted, UserError } from "../errors.ts";
import { makeFolder, readJson, sha256File, writeJson } from "../files/index.ts";
import { at } from "../lookup.ts";
import { show, showAll } from "../show.ts";

/**
 * A user's metric: scores a checkpoint with a number, or with several by name.
 * @param checkpoint the path of a file.
 * @param signal aborts when the time limit is reached or the work is stopped.
 * @category Options of the verbs
 */
export type Measure = (
  checkpoint: string,
  signal: AbortSignal,
) => number | Readonly<Record<string, number>> | Promise<number | Readonly<Record<string, number>>>;

/** The outcome of one measurement. */
export type Outcome =
  | { readonly ok: true; readonly values: Readonly<Record<string, number>>; readonly seconds: number }
  | {
      readonly ok: false;
      readonly problem: string;
      readonly attempts: number;
      /** The command line, if the metric is a command. */
      readonly ran?: string;
      /** The metric worked, but its result is NaN or infinite. */
      readonly notFinite: boolean;
    };

/** A measurement without a number, and the reason. */
export class MeasureError extends Error {
  override readonly name = "MeasureError";
  readonly ran: string | undefined;
  /** The last lines that the command wrote to stderr; may be empty. */
  readonly said: string;
  readonly notFinite: boolean;

  constructor(
    message: string,
    { ran, said = "", notFinite = false }: { ran?: string; said?: string; notFinite?: boolean } = {},
  ) {
    super(message);
    this.ran = ran;
    this.said = said;
    this.notFinite = notFinite;
  }
}

/** The name of a number without a name. */
export const UNNAMED = "value";

export interface MeasureOptions {
  /** Paths of the checkpoints. */
  readonly checkpoints: readonly string[];
  readonly measure: Measure;
  /** Time limit of a measurement. */
  readonly timeoutMs: number;
  /** How often a failed measurement is retried. */
  readonly retries: number;
  /** Number of measurements at a time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /**
   * Whether the metric is known to work. Then failures are due to checkpoints, even if all fail.
   */
  readonly proven?: boolean;
  /**
   * Where to cache results, under the checksum of the checkpoint and the name of the metric.
   * Failures are not cached.
   */
  readonly cache?: { readonly folder: string; readonly name: string };
  readonly onDone?: () => void | Promise<void>;
}

/** Number of failures without a success that show that the metric itself is wrong. */
const HOPELESS = 5;

/**
 * How long to wait for an aborted measurement before leaving it behind: longer than it takes to
 * kill a command.
 */
const LEAVE_MS = 6_000;

/** Codes of errors that concern all checkpoints, so that measuring the others makes no sense. */
const OF_ALL: ReadonlySet<string> = new Set(["E_DISK", "E_CONFIG"]);

/**
 * Measures checkpoints.
 * @returns outcomes in the order of the checkpoints.
 * @throws UserError `E_RUN` if the first measurements all fail; NaN is no failure, because the
 *   metric works. `E_DISK` or `E_CONFIG` as soon as one occurs.
 * @throws Interrupted if the signal aborts; results until then are kept.
 */
export async function measureAll(options: MeasureOptions): Promise<Outcome[]> {
  const { checkpoints, parallel, signal, onDone } = options;
  const outcomes: Outcome[] = [];
  let next = 0;
  let done = 0;
  let works = options.proven ?? false;
  let broken: { readonly error: unknown } | undefined;
  const stop = new AbortController();
  const inside = AbortSignal.any([signal, stop.signal]);
  const work = async () => {
    while (next < checkpoints.length && !inside.aborted) {
      const i = next++;
      const outcome = await measureOne(at(checkpoints, i), { ...options, signal: inside });
      if (inside.aborted) return;
      outcomes[i] = outcome;
      done++;
      works ||= outcome.ok || outcome.notFinite;
      if (!outcome.ok && !works && done >= Math.min(HOPELESS, checkpoints.length)) throw hopeless(done, outcome);
      await onDone?.();
    }
  };
  // An error in one worker stops the others, and all are awaited.
  const worker = () =>
    work().catch((error: unknown) => {
      broken ??= { error };
      stop.abort();
    });
  await Promise.all(Array.from({ length: Math.min(parallel, checkpoints.length) }, worker));
  throwIfAborted(signal);
  if (broken !== undefined) throw broken.error;
  return outcomes;
}

function hopeless(done: number, { problem, ran }: Outcome & { readonly ok: false }): UserError {
  const advice = ran === undefined ? "try it by hand on one checkpoint" : `try it by hand: ${ran}`;
  return new UserError("E_RUN", `none of ${done} measurements came to a number: ${problem}; ${advice}, and then again`);
}

const kept = z.object({ values: z.record(z.string(), z.number()), seconds: z.number() });

async function measureOne(checkpoint: string, options: MeasureOptions): Promise<Outcome> {
  const { cache, retries, signal } = options;
  let path: string | undefined;
  try {
    path = cache && join(cache.folder, `${await nameInCache(cache.name, checkpoint)}.json`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, problem: `${checkpoint} cannot be read (${code ?? message})`, attempts: 0, notFinite: false };
  }
  // A damaged cache file costs another measurement.
  const known = path === undefined ? undefined : kept.safeParse(await readJson(path).catch(() => undefined));
  if (known?.success) return { ok: true, ...known.data };
  let failure = new MeasureError("it was stopped");
  let attempts = 0;
  while (attempts <= retries && !signal.aborted) {
    attempts++;
    const began = performance.now();
    try {
      const values = numbersOf(await inTime(checkpoint, options));
      const found = { values, seconds: (performance.now() - began) / 1000 };
      if (cache !== undefined && path !== undefined) {
        await makeFolder(cache.folder);
        await writeJson(path, found);
      }
      return { ok: true, ...found };
    } catch (error) {
      if (error instanceof UserError && OF_ALL.has(error.code)) throw error;
      failure = asMeasureError(error);
    }
  }
  const { message, ran, notFinite } = failure;
  return { ok: false, problem: message, attempts, notFinite, ...(ran !== undefined && { ran }) };
}

/** A function may throw any value. */
const asMeasureError = (error: unknown): MeasureError =>
  error instanceof MeasureError ? error : new MeasureError(error instanceof Error ? error.message : String(error));

async function nameInCache(measure: string, checkpoint: string): Promise<string> {
  return createHash("sha256")
    .update(`${await sha256File(checkpoint)} ${measure}`)
    .digest("hex");
}

/**
 * A measurement with a time limit. An aborted one is awaited, so that it does not run beside the
 * next; a function that never ends is left behind.
 */
async function inTime(checkpoint: string, { measure, timeoutMs, signal }: MeasureOptions) {
  const limit = new AbortController();
  const inside = AbortSignal.any([signal, limit.signal]);
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  let leaving: NodeJS.Timeout | undefined;
  const left = new Promise<never>((_, reject) => {
    const leave = () => {
      leaving = setTimeout(() => reject(new MeasureError("it does not end")), LEAVE_MS);
    };
    inside.addEventListener("abort", leave, { once: true });
  });
  try {
    const found = await Promise.race([(async () => measure(checkpoint, inside))(), left]);
    if (limit.signal.aborted) throw new MeasureError("it came too late");
    return found;
  } catch (error) {
    if (!limit.signal.aborted) throw error;
    const { ran, said } = asMeasureError(error);
    throw new MeasureError(`it took longer than ${timeoutMs / 1000} s${said === "" ? "" : ` (${said})`}`, {
      ...(ran !== undefined && { ran }),
      said,
    });
  } finally {
    clearTimeout(timer);
    clearTimeout(leaving);
  }
}

/**
 * The numbers in the result of a metric, by name; other values of an object are left out.
 * @throws MeasureError if there is no number, or one is not finite.
 */
export function numbersOf(found: unknown): Readonly<Record<string, number>> {
  const values = typeof found === "number" ? { [UNNAMED]: found } : found;
  if (typeof values !== "object" || values === null)
    throw new MeasureError(`it gave ${values === null ? "null" : typeof found}, expected a number`);
  const numbers = Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  if (numbers.length === 0) throw new MeasureError("it gave no number");
  const odd = numbers.find(([, value]) => !Number.isFinite(value));
  if (odd !== undefined)
    throw new MeasureError(`it gave ${show(odd[0])} ${odd[1]}, which is not finite`, { notFinite: true });
  return Object.fromEntries(numbers);
}

/** Names of the number that is most likely the metric, the most likely first. */
const LIKELY = [UNNAMED, "accuracy", "acc", "top1", "score", "f1", "auc", "loss"];

/**
 * The name of the number that is the metric.
 * @param asked the name that the user gave.
 * @throws UserError `E_RUN` if there is no such number, none at all, or several without a likely
 *   one.
 */
export function pickMetric(outcomes: readonly Outcome[], asked?: string): string {
  const names = [...new Set(outcomes.flatMap((outcome) => (outcome.ok ? Object.keys(outcome.values) : [])))];
  const found = asked ?? (names.length === 1 ? names[0] : LIKELY.find((name) => names.includes(name)));
  if (found !== undefined && names.includes(found)) return found;
  if (names.length === 0) {
    const odd = outcomes.flatMap((outcome) => (!outcome.ok && outcome.notFinite ? [outcome.problem] : []));
    throw new UserError(
      "E_RUN",
      odd[0] === undefined
        ? "no measurement came to a number, so there is none that counts"
        : `none of ${outcomes.length} measurements came to a finite number; the program works, but ${odd.length} times its result is NaN or infinite: ${odd[0]}; look at what it computes`,
    );
  }
  throw new UserError(
    "E_RUN",
    asked === undefined
      ? `there are several numbers (${showAll(names)}); say which one counts with --metric`
      : `no measurement gave ${show(asked)}; there is ${showAll(names)}`,
  );
}

/**
 * Names of numbers for which lower is better: long words anywhere, as in logloss; short ones as
 * whole words.
 */
const LOWER =
  /loss|error|perplexity|(^|[^a-z])(err|nll|ppl|mse|rmse|mae|mape|wer|cer|fid|brier|ece|bpc|bpb)([^a-z]|$)/i;

/** Whether higher or lower is better, and how that is known. */
export function betterOf(metric: string): { readonly better: "higher" | "lower"; readonly how: string } {
  const words = metric.replace(/([a-z\d])([A-Z])/g, "$1 $2");
  return LOWER.test(words)
    ? { better: "lower", how: `its name says that less is better (--better higher if not)` }
    : { better: "higher", how: "nothing in its name says otherwise (--better lower if not)" };
}
