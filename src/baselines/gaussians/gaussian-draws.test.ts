import { describe, expect, it } from "vitest";

import { layoutOf } from "../../layout/index.ts";
import { key, normal } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { baseline } from "../baselines.ts";
import type { Vectors } from "../vectors.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

const D = 4;
const K = 30;
const N = 20_000;
const layout = layoutOf([{ name: "w", shape: [D], kind: "linear" }]);

/** Moments of rows `[n, D]`: the mean, and the covariance with the divisor n − less. */
function moments(rows: Float32Array, less: number) {
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
    return sum / (n - less);
  });
  return { mean, covariance };
}

/**
 * Correlated coordinates about 10, 20, 30 and 40: the second follows the first, the last hardly
 * moves.
 */
const z = normal(key(1), K * D);
const values = z.map((x, i) => {
  const j = i % D;
  return 10 * (j + 1) + [2 * x, 2 * z[i - 1]! + 0.5 * x, x, 0.1 * x][j]!;
});
const originals: Vectors = { count: K, dimension: D, values };
const own = moments(values, 1);
const diagonal = own.covariance.map((c, at) => (Math.floor(at / D) === at % D ? c : 0));
const drawn = (name: string, count = N) => baseline(name).draw(originals, { count, key: key(2), layout, device });

/** Within sampling error of N draws: seven standard errors of a covariance at most. */
const expectCovariance = async (name: string, expected: readonly number[]) => {
  const { mean, covariance } = moments(await drawn(name), 1);
  const deviation = (i: number) => Math.sqrt(own.covariance[i * D + i]!);
  mean.forEach((m, i) => {
    expect(Math.abs(m - own.mean[i]!)).toBeLessThan((5 * deviation(i)) / Math.sqrt(N));
  });
  covariance.forEach((c, at) => {
    const unit = deviation(Math.floor(at / D)) * deviation(at % D);
    expect(Math.abs(c - expected[at]!) / unit).toBeLessThan(0.05);
  });
};

describe("a Gaussian baseline", () => {
  it("gaussian has the originals' means and variances, and no correlations", async () => {
    await expectCovariance("gaussian", diagonal);
  });

  it.each(["pca-gaussian", "gaussian-latent"])("%s has the originals' whole covariance", async (name) => {
    await expectCovariance(name, own.covariance);
  });

  it("pca-gaussian:r has it too where r directions are all there are", async () => {
    await expectCovariance(`pca-gaussian:${D}`, own.covariance);
  });

  it("pca-gaussian:1 varies along the first principal direction alone, as far as the originals do", async () => {
    const { covariance } = moments(await drawn("pca-gaussian:1"), 1);
    // The greatest eigenvalue and its direction, by power iteration.
    let u = [1, 1, 1, 1];
    let greatest = 0;
    for (let step = 0; step < 200; step++) {
      const next = u.map((_, i) => u.reduce((sum, x, j) => sum + own.covariance[i * D + j]! * x, 0));
      greatest = Math.hypot(...next);
      u = next.map((x) => x / greatest);
    }
    covariance.forEach((c, at) => {
      expect(c / greatest).toBeCloseTo(u[Math.floor(at / D)]! * u[at % D]!, 1);
    });
    const trace = (c: readonly number[]) => c[0]! + c[5]! + c[10]! + c[15]!;
    expect(trace(covariance) / greatest).toBeCloseTo(1, 1);
    expect(trace(covariance)).toBeLessThan(trace(own.covariance));
  });

  it("swag has half of each coordinate's variance, and half the last deviations from the running mean", async () => {
    const rank = 20;
    const running = new Array<number>(D).fill(0);
    const low = new Array<number>(D * D).fill(0);
    for (let k = 0; k < K; k++) {
      for (let i = 0; i < D; i++) running[i]! += (values[k * D + i]! - running[i]!) / (k + 1);
      if (k < K - rank) continue;
      const deviation = running.map((m, i) => values[k * D + i]! - m);
      for (let at = 0; at < D * D; at++) low[at]! += (deviation[Math.floor(at / D)]! * deviation[at % D]!) / (rank - 1);
    }
    await expectCovariance(
      "swag",
      low.map((c, at) => (c + diagonal[at]!) / 2),
    );
  });
});

describe("kde-latent", () => {
  it("spreads about as the originals do and copies none of them", async () => {
    const { mean, covariance } = moments(await drawn("kde-latent"), 1);
    for (let i = 0; i < D; i++) {
      const deviation = Math.sqrt(own.covariance[i * D + i]!);
      expect(Math.abs(mean[i]! - own.mean[i]!) / deviation).toBeLessThan(0.1);
      expect(covariance[i * D + i]! / own.covariance[i * D + i]!).toBeGreaterThan(0.8);
      expect(covariance[i * D + i]! / own.covariance[i * D + i]!).toBeLessThan(1.2);
    }
    const few = await drawn("kde-latent", 50);
    for (let i = 0; i < 50; i++)
      for (let k = 0; k < K; k++) expect(few.slice(i * D, (i + 1) * D)).not.toEqual(values.slice(k * D, (k + 1) * D));
  });
});

it.each(["gaussian", "pca-gaussian", "pca-gaussian:1", "swag"])(
  "%s draws no negative running variance",
  async (name) => {
    const statistics = layoutOf([
      { name: "bn.running_var", shape: [1], kind: "running-variance" },
      { name: "w", shape: [1], kind: "linear" },
    ]);
    // As wide as their mean, so that a Gaussian draws negative ones.
    const wide = Float32Array.from({ length: 40 }, (_, i) =>
      i % 2 === 1 ? -5 : Math.floor(i / 2) % 4 === 0 ? 4 : 0.01,
    );
    const out = await baseline(name).draw(
      { count: 20, dimension: 2, values: wide },
      { count: 200, key: key(3), layout: statistics, device },
    );
    const variances = out.filter((_, i) => i % 2 === 0);
    const mean = (4 + 3 * 0.01) / 4;
    expect(Math.min(...variances)).toBeCloseTo(1e-3 * mean, 6);
    expect(Math.max(...out.filter((_, i) => i % 2 === 1))).toBeLessThan(0);
  },
);
