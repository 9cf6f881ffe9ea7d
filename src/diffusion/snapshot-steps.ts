/** The steps of a denoiser's training after which snapshots of it are kept. */

/**
 * Steps at which a denoiser is kept: apart by equal ratios, between a hundredth of the training and
 * its end, which is the last.
 * @param steps of the whole training.
 * @param count of snapshots; fewer are kept where two would fall on one step.
 */
export function snapshotSteps(steps: number, count: number): number[] {
  const at = Array.from({ length: count }, (_, i) => Math.round(steps * 100 ** ((i + 1) / count - 1)));
  return [...new Set(at)].filter((step) => step > 0);
}

/**
 * The snapshot before the end of the training that is nearest, by ratio, to a share of it;
 * undefined where none is kept.
 * @param share between 0 and 1.
 */
export function snapshotNear(share: number, steps: number, count: number): number | undefined {
  const [first, ...others] = snapshotSteps(steps, count).filter((step) => step < steps);
  if (first === undefined) return undefined;
  const distance = (step: number) => Math.abs(Math.log(step / (share * steps)));
  return others.reduce((a, b) => (distance(b) < distance(a) ? b : a), first);
}
