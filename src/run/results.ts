/** The results of a run as they lie in its folder. */
import { z } from "zod";

import { UserError } from "../errors.ts";
import { readJson } from "../files/index.ts";
import type { Audit, MeasuredAudit, Results } from "../report/index.ts";
import { paths } from "./paths.ts";

const number = z.number();
/** JSON has no way to write what is not a number, as with samples full of holes. */
const perhaps = number.nullable().transform((value) => value ?? Number.NaN);
const spread = z.object({ mean: number, best: number, median: number, sd: number });
const group = z.object({ count: number, selection: spread, test: spread, chosenTest: number });

/** What the fit found out about the autoencoder. */
export const autoencoderFacts = z.object({
  type: z.string(),
  varianceExplained: number,
  latent: number,
  range: z.object({ min: number, max: number, sd: number }),
});

const schema: z.ZodType<Results> = z.object({
  originals: group,
  ensemble: group,
  reconstructions: group.nullable(),
  samples: group,
  autoencoder: autoencoderFacts.nullable(),
  pairwiseIoU: z.object({ originals: number, samples: number }),
  distance: z.object({ samplesToMean: perhaps, samplesApart: perhaps }),
  seconds: z.record(z.string(), number),
});

/**
 * The results of a run; undefined before its evaluation, and where its networks cannot be run here.
 * @throws UserError `E_RUN` when the file is not what an evaluation writes.
 */
export async function readResults(folder: string): Promise<Results | undefined> {
  const path = paths(folder).results;
  const value = await readJson(path);
  if (value === undefined || isMeasuredResult(value)) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UserError(
    "E_RUN",
    `${path} is not what an evaluation writes (${parsed.error.issues[0]!.path.join(".") || "at all"}); remove it and evaluate again: pdiff evaluate ${folder}`,
  );
}

/** Whether a file of a run is one of networks that cannot be run here. */
const isMeasuredResult = (value: unknown): boolean =>
  z.looseObject({ kind: z.literal("measured") }).safeParse(value).success;

/** What tells the audit of measured networks from another file. */
const measuredSchema = z.looseObject({
  kind: z.literal("measured"),
  verdict: z.object({ name: z.string(), rule: z.string(), meaning: z.string() }),
  groups: z.array(z.looseObject({ name: z.string() })),
});

/** The audit of a run whose networks cannot be run here; undefined before it, and of another run. */
export async function readMeasured(folder: string): Promise<MeasuredAudit | undefined> {
  const value = await readJson(paths(folder).audit);
  return measuredSchema.safeParse(value).success ? (value as MeasuredAudit) : undefined;
}

/** What tells an audit from another file; the rest is as the stage wrote it. */
const auditSchema = z.looseObject({
  verdict: z.object({ name: z.string(), rule: z.string(), meaning: z.string() }),
  groups: z.array(z.looseObject({ name: z.string() })),
});

/**
 * The audit of a run; undefined before it, and where its networks cannot be run here.
 * @throws UserError `E_RUN` when the file is not what an audit writes.
 */
export async function readAudit(folder: string): Promise<Audit | undefined> {
  const path = paths(folder).audit;
  const value = await readJson(path);
  if (value === undefined || isMeasuredResult(value)) return undefined;
  if (auditSchema.safeParse(value).success) return value as Audit;
  throw new UserError("E_RUN", `${path} is not what an audit writes; remove it and audit again: pdiff audit ${folder}`);
}
