/** Lists the runs below a folder, from their own files alone. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { exists, lockHolder } from "../files/index.ts";
import { readStatus } from "./journal.ts";
import { paths } from "./paths.ts";
import { readAudit, readResults } from "./results.ts";

/** A run folder and its progress. */
export interface RunSummary {
  readonly name: string;
  readonly folder: string;
  readonly state: "running" | "interrupted" | "failed" | "done" | "unknown";
  /** The current stage, or the last one. */
  readonly stage: string;
  /** ISO time of the last heartbeat. */
  readonly updated: string;
  /** Mean and best test accuracy of the samples, once evaluated. */
  readonly samples?: { readonly mean: number; readonly best: number };
  /** The verdict's label, once audited. */
  readonly verdict?: string;
}

/** Runs directly below `root`, the latest first; none where it does not exist. */
export async function listRuns(root: string): Promise<RunSummary[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const runs: RunSummary[] = [];
  for (const entry of entries) {
    const folder = join(root, entry.name);
    if (!entry.isDirectory() || !(await exists(paths(folder).config))) continue;
    const status = await readStatus(paths(folder));
    const results = await readResults(folder).catch(() => undefined);
    const audit = await readAudit(folder).catch(() => undefined);
    // A process that was killed could not say so.
    const lost = status?.state === "running" && (await lockHolder(paths(folder).lock)) === undefined;
    const state = lost ? "interrupted" : status?.state;
    runs.push({
      name: entry.name,
      folder,
      state: state ?? "unknown",
      stage: status?.stage ?? "collect",
      updated: status?.updated ?? "",
      ...(results?.classification && {
        samples: {
          mean: results.classification.samples.test.mean,
          best: results.classification.samples.chosenTest,
        },
      }),
      ...(audit && { verdict: audit.verdict.label }),
    });
  }
  return runs.sort((a, b) => b.updated.localeCompare(a.updated));
}
