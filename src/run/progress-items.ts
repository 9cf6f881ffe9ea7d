/**
 * The pieces of work whose progress a run reports. An id is what the journal, the curves and the cost
 * of a run are made from; a label is what people see, and may be reworded.
 */

const labels = {
  "decode-images": "decoding images",
  "train-base": "training the network",
  "collect-zoo": "collecting checkpoints",
  "collect-held-out": "collecting held-out checkpoints",
  "train-separate": "training separate networks",
  "train-held-out": "training held-out networks",
  "copy-checkpoints": "copying checkpoints",
  "find-input-axes": "finding the axes of the images",
  "set-acceptance-threshold": "setting the acceptance threshold",
  "find-linear-latents": "finding linear latents",
  "fit-autoencoder": "training the autoencoder",
  "fit-denoiser": "training the denoiser",
  denoise: "denoising",
  "write-networks": "writing networks",
  "evaluate-networks": "evaluating networks",
  "evaluate-ensembles": "evaluating ensembles",
  "measure-networks": "measuring networks",
  "draw-baselines": "drawing baselines",
  "fine-tune-originals": "fine-tuning originals",
  "measure-distances": "measuring distances",
  "map-latents": "mapping latents",
  "follow-denoising": "following the denoising",
} as const;

/** Items of which a run has several: the id ends with a slash and a number. */
const numberedLabels = {
  "train-reference": (index: string) => `training reference network ${index}`,
  "sample-snapshot": (step: string) => `sampling the denoiser of step ${step}`,
} as const;

/** Identifies a piece of work in a run, such as `train-base` or `train-reference/2`. */
export type ProgressId = keyof typeof labels | `${keyof typeof numberedLabels}/${number}`;

/** The label of a piece of work for people, such as "training the network". */
export function labelOf(id: ProgressId): string {
  const [name, index] = id.split("/");
  return index === undefined
    ? labels[id as keyof typeof labels]
    : numberedLabels[name as keyof typeof numberedLabels](index);
}
