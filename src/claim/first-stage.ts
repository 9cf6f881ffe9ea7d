/**
 * Which stage is the first to depend on a key of a recipe: when its value changes, that stage and
 * all after it are done again, and what earlier stages made is kept.
 */
import { type StageName, stageNames } from "../run/index.ts";

/**
 * The first stage that depends on a key, or on all keys of a section. Of sections whose keys are
 * read by different stages, or late, each key has its own line. A key without one counts as read by
 * the first stage, so that nothing out of date is kept.
 */
export const firstStages: Readonly<Record<string, StageName>> = {
  // The zoo: the random numbers and the machine matter to every stage.
  seed: "collect",
  device: "collect",
  data: "collect",
  network: "collect",
  base: "collect",
  zoo: "collect",
  // The generator.
  generatorSeed: "fit",
  normalisation: "fit",
  autoencoder: "fit",
  diffusion: "fit",
  generator: "fit",
  // The samples.
  "sample.files": "sample",
  "sample.key": "sample",
  "sample.count": "sample",
  "sample.sampler": "sample",
  "sample.guidance": "sample",
  // The evaluation. The batch changes predictions by rounding errors at most, so the acceptance
  // threshold, which the first stage computes with it, stays.
  "evaluate.batch": "evaluate",
  "evaluate.reconstructions": "evaluate",
  "measure.command": "evaluate",
  "measure.metric": "evaluate",
  "measure.better": "evaluate",
  "measure.networks": "evaluate",
  // The audit.
  quick: "audit",
  "audit.baselines": "audit",
  "audit.draws": "audit",
  "audit.fineTuned": "audit",
  "audit.trained": "audit",
  "audit.compared": "audit",
  "audit.straightWays": "audit",
  "audit.ensemble": "audit",
  "audit.trajectories": "audit",
  "audit.embeddings": "audit",
  // The report shows the recipe. No number depends on these.
  name: "report",
  about: "report",
  preset: "report",
  "measure.timeout": "report",
  "measure.retries": "report",
  "measure.parallel": "report",
};

/** The place of a stage in their order. */
export const placeOf = (stage: StageName): number => stageNames.indexOf(stage);

/** The line of the table for a key: its own, or that of the nearest section around it. */
export function lineFor(key: string): string | undefined {
  const parts = key.split(".");
  for (let length = parts.length; length > 0; length--) {
    const line = parts.slice(0, length).join(".");
    if (Object.hasOwn(firstStages, line)) return line;
  }
  return undefined;
}

/** The first stage that depends on a key; the first of all where nothing is known of the key. */
export const firstStageOf = (key: string): StageName => firstStages[lineFor(key) ?? ""] ?? "collect";
