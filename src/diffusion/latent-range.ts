/** The range of latents: what to look at when a diffusion model fails on them. */

export interface LatentRange {
  readonly min: number;
  readonly max: number;
  /** Standard deviation of all entries together. */
  readonly sd: number;
}

/** Smallest, largest and spread of all entries. */
export function latentRange(latents: Float32Array): LatentRange {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const z of latents) {
    min = Math.min(min, z);
    max = Math.max(max, z);
    sum += z;
  }
  const mean = sum / latents.length;
  let squares = 0;
  for (const z of latents) squares += (z - mean) ** 2;
  return { min, max, sd: Math.sqrt(squares / latents.length) };
}
