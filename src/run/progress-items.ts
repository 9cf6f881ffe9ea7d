/**
 * The pieces of work whose progress stages report. Programs use the `id`, which the journal
 * records; people see the label, which may be reworded.
 */

/**
 * A piece of work of a stage, done step by step.
 * @category Progress and errors
 */
export interface ProgressItem {
  readonly id: string;
  readonly label: string;
}

const items = {
  "decode-images": "decoding images",
  "train-base": "training the network",
  "collect-zoo": "collecting checkpoints",
  "collect-held-out": "collecting held-out checkpoints",
  "train-zoo": "training separate networks",
  "train-held-out": "training held-out networks",
  "train-unseen": "training unseen networks",
  "copy-checkpoints": "copying checkpoints",
  "set-threshold": "setting the acceptance threshold",
  "find-input-axes": "finding the axes of the images",
  "find-latents": "finding linear latents",
  "fit-autoencoder": "training the autoencoder",
  "fit-denoiser": "training the denoiser",
  denoise: "denoising",
  "write-networks": "writing networks",
  "copy-samples": "copying samples",
  "follow-denoising": "following the denoising",
  predict: "evaluating networks",
  "predict-ensembles": "evaluating ensembles",
  score: "measuring networks",
  "draw-baselines": "drawing baselines",
  "draw-more-samples": "drawing more samples",
  "fine-tune": "fine-tuning originals",
  "compare-units": "comparing hidden units",
  "train-fresh": "training fresh networks",
  "train-baselines": "training baselines",
  "measure-distances": "measuring distances",
  embed: "mapping latents",
} as const;

/** The ids of items that are not numbered. */
export type ProgressId = keyof typeof items;

/** The item of an id. */
export const progressItem = (id: ProgressId): ProgressItem => ({ id, label: items[id] });

/** Work of hours in one piece, which a snapshot holds when the process is killed. */
const fromSnapshots: ReadonlySet<string> = new Set([
  "train-base",
  "collect-zoo",
  "collect-held-out",
  "train-zoo",
  "train-held-out",
  "train-unseen",
  "fit-autoencoder",
  "fit-denoiser",
  "denoise",
] satisfies ProgressId[]);

/** Whether an item of progress continues from snapshots; other work is kept piece by piece. */
export const continuesFromSnapshot = (id: string): boolean =>
  fromSnapshots.has(id) || id.startsWith("train-reference-");

/** Training reference network `index` of `count`, counted from 1. */
export const trainReferenceItem = (index: number, count: number): ProgressItem => ({
  id: `train-reference-${index}`,
  label: `training reference network ${index} of ${count}`,
});

/** Sampling the snapshot of the denoiser after `step` steps. */
export const sampleSnapshotItem = (step: number): ProgressItem => ({
  id: `sample-snapshot-${step}`,
  label: `sampling the denoiser of step ${step}`,
});
