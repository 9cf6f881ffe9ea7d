/** Your own autoencoder: one hidden layer each way, fitted and sampled like the built-in ones. */
import { fit, sample } from "neural-network-diffusion";
import { trainedAutoencoder } from "neural-network-diffusion/diffusion";
import { silu } from "neural-network-diffusion/graph";
import { linear, width } from "neural-network-diffusion/nn";

/** Its options in a recipe: `autoencoder: { type: shallow, hidden: 64, latent: 8 }`. */
interface ShallowOptions {
  readonly type: "shallow";
  readonly hidden: number;
  readonly latent: number;
}

/** Everything that the program needs to know of it. */
export const shallow = trainedAutoencoder<ShallowOptions>({
  type: "shallow",
  description: "one hidden layer each way",
  options: {
    hidden: width.default(64).describe("units of the hidden layers"),
    latent: width.default(8).describe("numbers of a latent"),
  },
  defaults: {
    noise: { latent: 0.1 },
    training: { steps: 300, batch: 16, lr: 2e-3, optimiser: "adam", schedule: "cosine" },
  },
  build: ({ hidden, latent }, dimension) => ({
    latent,
    dimension,
    encode(at, v) {
      const inner = silu(linear(at.in("encoder.0"), v, { out: hidden }));
      return { mean: linear(at.in("encoder.1"), inner, { out: latent }) };
    },
    decode(at, z) {
      const inner = silu(linear(at.in("decoder.0"), z, { out: hidden }));
      return linear(at.in("decoder.1"), inner, { out: dimension });
    },
  }),
});

/** Fits a generator with it and draws networks; returns their files. */
export async function drawWithOwnAutoencoder(options: {
  readonly checkpoints: string;
  readonly run: string;
  readonly overrides?: readonly string[];
}): Promise<readonly string[]> {
  const { folder } = await fit({ ...options, autoencoder: shallow, ignoreGate: true }).result;
  return sample({ run: folder, count: 5, autoencoder: shallow }).result;
}
