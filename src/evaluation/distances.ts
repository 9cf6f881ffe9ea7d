/**
 * How samples lie among the originals in parameter space. Averages of networks are often better than the networks, so
 * accuracy must be read beside two distances: how far samples are from the originals' mean, and from each other.
 */

/** A group of parameter vectors, `[count, D]`. */
export type Cloud = Float32Array;

/** Root mean square distance from a point, and the root mean square distance between two members that follows from it. */
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
 * Distances of samples relative to those of the originals (root mean squares): to the originals' mean, and between two
 * members of the group. Both are 1 for fresh draws from the originals' distribution and 0 for copies of their mean.
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
