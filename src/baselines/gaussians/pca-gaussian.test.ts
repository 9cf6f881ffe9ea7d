import { expect, it } from "vitest";

import { nodeDevice } from "../../runtime-node/index.ts";
import { D, drawn, expectCovariance, moments, own } from "./moments.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it("pca-gaussian has the originals' whole covariance", async () => {
  await expectCovariance("pca-gaussian", device, own.covariance);
});

it("pca-gaussian:r has it too where r directions are all there are", async () => {
  await expectCovariance(`pca-gaussian:${D}`, device, own.covariance);
});

it("pca-gaussian:1 varies along the first principal direction alone, as far as the originals do", async () => {
  const { covariance } = moments(await drawn("pca-gaussian:1", device));
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
