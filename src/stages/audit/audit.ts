/**
 * Stage five, audit: are the samples new networks, or copies and averages of the originals?
 * docs/method.md explains the protocol. The generator never saw what it is compared with: held-out
 * networks, networks from other seeds, and a threshold that is set before sampling.
 */
import { auditNetworks } from "../../evaluation/index.ts";
import { writeJson } from "../../files/index.ts";
import { foldIn } from "../../random/index.ts";
import { type Audit, SCHEMA_VERSION, type Verdict } from "../../records/index.ts";
import type { MetricContext, StageContext } from "../context.ts";
import { gatherClassifiers } from "./gather-classifiers.ts";
import { gatherScores } from "./gather-scores.ts";
import { importedRemarks } from "./imported.ts";

/**
 * Reads all networks of the run, its generator and its results. Writes `evaluation/audit.json`, and
 * the networks that it draws: baselines, fine-tuned originals, snapshots of the denoiser.
 * @throws UserError `E_RUN` if a network or the generator is missing or damaged.
 */
export async function audit(context: StageContext | MetricContext): Promise<void> {
  const { input, figures, failures, remarks } =
    "task" in context ? await gatherClassifiers(context) : await gatherScores(context);
  const statistics = await auditNetworks({ ...input, key: foldIn(context.key, "audit"), signal: context.signal });
  const record: Audit = {
    schemaVersion: SCHEMA_VERSION,
    ...statistics,
    verdict: context.recipe.quick === true ? withoutEvidence(statistics.verdict) : statistics.verdict,
    ...figures,
    failures,
    remarks: [...statistics.remarks, ...remarks, ...(await importedRemarks(context))],
  };
  await writeJson(context.paths.audit, record);
  const { label, meaning, rule } = record.verdict;
  await context.note(`${label}: ${meaning} ${rule}`);
}

/** The verdict of a run that `--quick` scaled down: little data, few steps and few networks. */
const withoutEvidence = (verdict: Verdict): Verdict => ({
  ...verdict,
  label: `${verdict.label} (not evidence)`,
  meaning: `${verdict.meaning} A quick run only shows the way: none of its numbers is evidence for or against the method.`,
});
