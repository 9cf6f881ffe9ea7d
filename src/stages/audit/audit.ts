/**
 * Stage five, audit: are the samples new networks, or copies and averages of the originals?
 * docs/method.md explains the protocol. The generator never saw what it is compared with: held-out
 * networks, networks from other seeds, and a threshold that is set before sampling.
 */
import { auditNetworks } from "../../evaluation/index.ts";
import { writeJson } from "../../files/index.ts";
import { foldIn } from "../../random/index.ts";
import { type Audit, SCHEMA_VERSION } from "../../records/index.ts";
import type { MetricContext, StageContext } from "../context.ts";
import { gatherClassifiers } from "./gather-classifiers.ts";
import { gatherScores } from "./gather-scores.ts";

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
    ...figures,
    failures,
    remarks: [...statistics.remarks, ...remarks],
  };
  await writeJson(context.paths.audit, record);
  const { label, meaning, rule } = record.verdict;
  await context.note(`${label}: ${meaning} ${rule}`);
}
