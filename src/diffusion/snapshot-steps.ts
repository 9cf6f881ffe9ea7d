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
 * The snapshot that is nearest, by ratio, to a share of a training, and before its end; undefined
 * where none is kept.
 * @param share between 0 and 1.
 * @param snapshots the steps of all snapshots, in order.
 * @param end the step at which the training ends; by default that of the last snapshot.
 */
export function snapshotNear(
  share: number,
  snapshots: readonly number[],
  end: number = snapshots.at(-1) ?? 0,
): number | undefined {
  const [first, ...others] = snapshots.filter((step) => step < end);
  if (first === undefined) return undefined;
  const distance = (step: number) => Math.abs(Math.log(step / (share * end)));
  return others.reduce((a, b) => (distance(b) < distance(a) ? b : a), first);
}
