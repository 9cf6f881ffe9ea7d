import { expect, it } from "vitest";

import { nodeDevice } from "../../runtime-node/index.ts";
import { D, drawn, K, moments, own, values } from "./moments.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it("kde-latent spreads about as the originals do and copies none of them", async () => {
  const { mean, covariance } = moments(await drawn("kde-latent", device));
  for (let i = 0; i < D; i++) {
    const deviation = Math.sqrt(own.covariance[i * D + i]!);
    expect(Math.abs(mean[i]! - own.mean[i]!) / deviation).toBeLessThan(0.1);
    expect(covariance[i * D + i]! / own.covariance[i * D + i]!).toBeGreaterThan(0.8);
    expect(covariance[i * D + i]! / own.covariance[i * D + i]!).toBeLessThan(1.2);
  }
  const few = await drawn("kde-latent", device, 50);
  for (let i = 0; i < 50; i++)
    for (let k = 0; k < K; k++) expect(few.slice(i * D, (i + 1) * D)).not.toEqual(values.slice(k * D, (k + 1) * D));
});
