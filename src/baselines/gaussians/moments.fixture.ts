/** Correlated originals, and the moments of what a Gaussian baseline draws from them. */
import { expect } from "vitest";

import { layoutOf } from "../../layout/index.ts";
import { key, normal } from "../../random/index.ts";
import type { Device } from "../../runtime/index.ts";
import { baseline } from "../baselines.ts";
import type { Vectors } from "../vectors.ts";

/** Numbers of an original, and originals. */
export const D = 4;
export const K = 30;
const N = 20_000;
const layout = layoutOf([{ name: "w", shape: [D], kind: "linear" }]);

/** Moments of rows `[n, D]`: the mean, and the covariance with the divisor n − 1. */
export function moments(rows: Float32Array): { mean: number[]; covariance: number[] } {
  const n = rows.length / D;
  const mean = Array.from({ length: D }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += rows[k * D + i]!;
    return sum / n;
  });
  const covariance = Array.from({ length: D * D }, (_, at) => {
    const [i, j] = [Math.floor(at / D), at % D];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (rows[k * D + i]! - mean[i]!) * (rows[k * D + j]! - mean[j]!);
    return sum / (n - 1);
  });
  return { mean, covariance };
}

const z = normal(key(1), K * D);

/**
 * Correlated coordinates about 10, 20, 30 and 40: the second follows the first, the last hardly
 * moves.
 */
export const values: Float32Array = z.map((x, i) => {
  const j = i % D;
  return 10 * (j + 1) + [2 * x, 2 * z[i - 1]! + 0.5 * x, x, 0.1 * x][j]!;
});
export const originals: Vectors = { count: K, dimension: D, values };

/** The originals' own moments, and their covariance without correlations. */
export const own = moments(values);
export const diagonal: readonly number[] = own.covariance.map((c, at) => (Math.floor(at / D) === at % D ? c : 0));

/** Draws from the baseline of a name, `[count, D]`. */
export const drawn = (name: string, device: Device, count = N): Promise<Float32Array> =>
  baseline(name).draw(originals, { count, key: key(2), layout, device });

/** Within sampling error of N draws: seven standard errors of a covariance at most. */
export async function expectCovariance(name: string, device: Device, expected: readonly number[]): Promise<void> {
  const { mean, covariance } = moments(await drawn(name, device));
  const deviation = (i: number) => Math.sqrt(own.covariance[i * D + i]!);
  mean.forEach((m, i) => {
    expect(Math.abs(m - own.mean[i]!)).toBeLessThan((5 * deviation(i)) / Math.sqrt(N));
  });
  covariance.forEach((c, at) => {
    const unit = deviation(Math.floor(at / D)) * deviation(at % D);
    expect(Math.abs(c - expected[at]!) / unit).toBeLessThan(0.05);
  });
}
