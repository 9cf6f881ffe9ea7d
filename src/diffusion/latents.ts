/** Latents before diffusion: their range, and standardisation per dimension, so that noise of variance 1 fits them. */

export interface LatentScale {
  readonly mean: Float32Array;
  readonly std: Float32Array;
}

export interface LatentRange {
  readonly min: number;
  readonly max: number;
  /** Standard deviation of all entries together. */
  readonly sd: number;
}

/** Mean and standard deviation of each dimension of latents `[n, latent]`; a dimension that does not vary keeps scale 1. */
export function fitLatentScale(latents: Float32Array, latent: number): LatentScale {
  const n = latents.length / latent;
  const mean = new Float32Array(latent);
  const std = new Float32Array(latent);
  for (let i = 0; i < latent; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += latents[k * latent + i]!;
    let squares = 0;
    for (let k = 0; k < n; k++) squares += (latents[k * latent + i]! - sum / n) ** 2;
    mean[i] = sum / n;
    const deviation = Math.sqrt(squares / n);
    std[i] = deviation > 1e-12 ? deviation : 1;
  }
  return { mean, std };
}

/** The scale that leaves latents as they are. */
export const unitScale = (latent: number): LatentScale => ({
  mean: new Float32Array(latent),
  std: new Float32Array(latent).fill(1),
});

export const standardiseLatents = (latents: Float32Array, { mean, std }: LatentScale): Float32Array =>
  latents.map((z, i) => (z - mean[i % mean.length]!) / std[i % mean.length]!);

export const unstandardiseLatents = (latents: Float32Array, { mean, std }: LatentScale): Float32Array =>
  latents.map((z, i) => z * std[i % mean.length]! + mean[i % mean.length]!);

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
