/**
 * Position of samples among the originals in parameter space. An average of networks is often
 * better than the networks themselves. Accuracy must therefore be read together with two distances:
 * of samples to the mean of the originals, and between samples.
 */

/** A group of parameter vectors, `[count, D]`. */
export type Cloud = Float32Array;

/** Root mean square distance to a point, and between two different members. */
function spreadOf(cloud: Cloud, centre: Float64Array): { fromCentre: number; apart: number } {
  const d = centre.length;
  const n = cloud.length / d;
  let fromCentre = 0;
  let fromMean = 0;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += cloud[k * d + i]!;
    const mean = sum / n;
    for (let k = 0; k < n; k++) {
      fromCentre += (cloud[k * d + i]! - centre[i]!) ** 2;
      fromMean += (cloud[k * d + i]! - mean) ** 2;
    }
  }
  // Over pairs of different members, E‖a − b‖² = 2 Σ‖a − mean‖² / (n − 1).
  return { fromCentre: Math.sqrt(fromCentre / n), apart: n < 2 ? 0 : Math.sqrt((2 * fromMean) / (n - 1)) };
}

/**
 * Root mean square distances of samples, divided by those of the originals: to the mean of the
 * originals, and between two members of a group. Both are 1 for fresh draws from the distribution
 * of the originals, and 0 for copies of their mean.
 */
export function distances(
  originals: Cloud,
  samples: Cloud,
  dimension: number,
): { samplesToMean: number; samplesApart: number } {
  const n = originals.length / dimension;
  const mean = new Float64Array(dimension);
  for (let k = 0; k < n; k++) for (let i = 0; i < dimension; i++) mean[i]! += originals[k * dimension + i]! / n;
  const theirs = spreadOf(originals, mean);
  const ours = spreadOf(samples, mean);
  return { samplesToMean: ours.fromCentre / theirs.fromCentre, samplesApart: ours.apart / theirs.apart };
}
