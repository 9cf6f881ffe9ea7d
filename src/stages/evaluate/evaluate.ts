/**
 * Stage four, evaluate: scores the networks of a run. Classifiers that can be run here are scored
 * by their accuracy; all others by the user's metric, if there is one.
 */
import { makeFolder, writeJson } from "../../files/index.ts";
import { type Results, SCHEMA_VERSION } from "../../records/index.ts";
import type { MetricContext, StageContext } from "../context.ts";
import { verifiedGenerator } from "../fit/generator-index.ts";
import { evaluateClassifiers } from "./classification.ts";
import { evaluateByMetric } from "./scores.ts";

/**
 * Reads the zoo, held-out networks, samples and the generator. Writes `evaluation/results.json`
 * and, for classifiers, `accuracies.csv`, the average of the originals and reconstructions.
 * @throws UserError `E_RUN` when a network or the generator is missing or damaged, or when the
 *   user's metric works for no network.
 */
export async function evaluate(context: StageContext | MetricContext): Promise<void> {
  const { paths: p } = context;
  const { autoencoder } = await verifiedGenerator(p);
  await makeFolder(p.evaluation);
  const found = "task" in context ? await evaluateClassifiers(context) : await evaluateByMetric(context);
  const record: Results = { schemaVersion: SCHEMA_VERSION, ...found, autoencoder, seconds: context.journal.seconds() };
  await writeJson(p.results, record);
}
