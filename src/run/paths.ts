/** Paths in the folder of a run, and the outputs of each stage. */
import { join } from "node:path";

import { UserError } from "../errors.ts";
import { exists, remove } from "../files/index.ts";
import type { StageName } from "./events.ts";

/** Paths in a run folder. A stage is done when its index exists, which is written last. */
export const paths = (folder: string) => ({
  folder,
  config: join(folder, "config.yaml"),
  environment: join(folder, "env.json"),
  status: join(folder, "status.json"),
  metrics: join(folder, "metrics.jsonl"),
  log: join(folder, "log.txt"),
  checksums: join(folder, "checksums.json"),
  /** Exists while a process works in the folder. */
  lock: join(folder, "lock.json"),
  network: join(folder, "network.onnx"),
  base: join(folder, "base"),
  like: join(folder, "base", "like"),
  baseNetwork: join(folder, "base", "network.safetensors"),
  baseIndex: join(folder, "base", "index.json"),
  baseState: join(folder, "base", "state.safetensors"),
  baseBest: join(folder, "base", "best.safetensors"),
  zoo: join(folder, "zoo"),
  zooIndex: join(folder, "zoo", "index.json"),
  heldOut: join(folder, "held-out"),
  heldOutIndex: join(folder, "held-out", "index.json"),
  unseen: join(folder, "unseen"),
  unseenIndex: join(folder, "unseen", "index.json"),
  references: join(folder, "references"),
  referencesIndex: join(folder, "references", "index.json"),
  generator: join(folder, "generator"),
  generatorIndex: join(folder, "generator", "index.json"),
  autoencoder: join(folder, "generator", "autoencoder.safetensors"),
  autoencoderState: join(folder, "generator", "autoencoder.state.safetensors"),
  denoiser: join(folder, "generator", "denoiser.safetensors"),
  denoiserState: join(folder, "generator", "denoiser.state.safetensors"),
  snapshots: join(folder, "generator", "snapshots"),
  samples: join(folder, "samples"),
  samplesIndex: join(folder, "samples", "index.json"),
  samplesState: join(folder, "samples", "state.safetensors"),
  evaluation: join(folder, "evaluation"),
  predictions: join(folder, "evaluation", "predictions"),
  ensemble: join(folder, "evaluation", "ensemble.safetensors"),
  reconstructions: join(folder, "evaluation", "reconstructions"),
  results: join(folder, "evaluation", "results.json"),
  baselines: join(folder, "evaluation", "baselines"),
  drawnPredictions: join(folder, "evaluation", "baselines", "predictions"),
  measuring: join(folder, "evaluation", "measuring"),
  measurements: join(folder, "evaluation", "measurements"),
  fineTuned: join(folder, "evaluation", "fine-tuned.safetensors"),
  audit: join(folder, "evaluation", "audit.json"),
  accuracies: join(folder, "evaluation", "accuracies.csv"),
  figures: join(folder, "figures"),
  report: join(folder, "report.html"),
});

export type Paths = ReturnType<typeof paths>;

/**
 * The outputs of each stage: the file that marks it as done, and everything to remove before it
 * runs again.
 */
export const outputsOf = (p: Paths): Record<StageName, { done: string; all: readonly string[] }> => ({
  collect: { done: p.zooIndex, all: [p.base, p.zoo, p.heldOut, p.unseen, p.references] },
  fit: { done: p.generatorIndex, all: [p.generator] },
  sample: { done: p.samplesIndex, all: [p.samples] },
  evaluate: { done: p.results, all: [p.evaluation] },
  audit: { done: p.audit, all: [p.audit, p.baselines, p.fineTuned] },
  report: { done: p.report, all: [p.report, p.figures] },
});

/** Every folder into which files are written. */
export const foldersOf = (p: Paths): readonly string[] => [
  p.folder,
  p.base,
  p.zoo,
  p.heldOut,
  p.unseen,
  p.references,
  p.generator,
  p.snapshots,
  p.samples,
  p.evaluation,
  p.predictions,
  p.reconstructions,
  p.baselines,
  p.drawnPredictions,
  p.figures,
];

/**
 * Removes the outputs of stages: first the files that mark them as done, so that an interrupted
 * removal leaves none done.
 */
export async function removeOutputs(p: Paths, stages: readonly StageName[]): Promise<void> {
  const outputs = stages.map((stage) => outputsOf(p)[stage]);
  for (const { done } of outputs) await remove(done);
  for (const { all } of outputs) for (const path of all) await remove(path);
}

/**
 * The paths of an existing run.
 * @throws UserError `E_RUN` when the folder is none.
 */
export async function existingRun(folder: string): Promise<Paths> {
  const p = paths(folder);
  if (await exists(p.config)) return p;
  const usual = join("runs", folder);
  if (!/[/\\]/.test(folder) && (await exists(paths(usual).config)))
    throw new UserError("E_RUN", `${folder} is no run folder; did you mean ${usual}?`);
  throw new UserError(
    "E_RUN",
    `${folder} is no run folder (it has no config.yaml); start one with: pdiff run RECIPE --run ${folder}`,
  );
}
