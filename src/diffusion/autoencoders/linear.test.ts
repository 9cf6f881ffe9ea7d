import { describe, expect, it } from "vitest";

import { key, uniform } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { linearAutoencoder, linearCodec } from "./linear.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const D = 40;

it("a codec of linear latents projects and comes back, inside the normalisation", async () => {
  // Two latents: the sum of the even and of the odd coordinates, as unit vectors.
  const components = Float32Array.from({ length: 2 * D }, (_, i) =>
    i % 2 === (i < D ? 0 : 1) ? 1 / Math.sqrt(D / 2) : 0,
  );
  const centre = uniform(key(2), D);
  const normalisation = {
    mean: new Float32Array(D).fill(3),
    scale: new Float32Array(D).fill(2),
    reference: new Float32Array(D),
  };
  const codec = linearCodec({ mean: centre, components, latent: 2 }, normalisation, device);
  const z = Float32Array.of(1, -2, 0.5, 4);
  const decoded = await codec.decode(z);
  const amount = 1 / Math.sqrt(D / 2);
  expect(decoded[0]).toBeCloseTo((1 * amount + centre[0]!) * 2 + 3, 5);
  expect(decoded[D + 1]).toBeCloseTo((4 * amount + centre[1]!) * 2 + 3, 5);
  const back = await codec.encode(decoded);
  for (const [i, value] of back.entries()) expect(value).toBeCloseTo(z[i]!, 4);
  await codec.release();
});

describe("the linear autoencoder", () => {
  const shape = {
    dimension: 1000,
    count: 10,
    units: () => {
      throw new Error("no units");
    },
  };

  it("has one latent less than there are checkpoints, at most", () => {
    expect(linearAutoencoder.plan({ type: "linear", latent: 64 }, shape).latent).toBe(9);
    expect(linearAutoencoder.plan({ type: "linear", latent: 4 }, shape).latent).toBe(4);
    expect(linearAutoencoder.smaller({ type: "linear", latent: 64 }, 10).latent).toBe(9);
  });

  it("is refused a latent wider than the vectors", () => {
    expect(() => linearAutoencoder.plan({ type: "linear", latent: 64 }, { ...shape, dimension: 8 })).toThrow(
      "a latent of 64 numbers is wider than the 8 generated parameters",
    );
  });
});
