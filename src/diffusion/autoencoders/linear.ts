/** The linear autoencoder, worked out and not trained; it never holds whole vectors. */

import { throwIfAborted, UserError } from "../../errors.ts";
import { add, constant, gemm, sub, type Tensor } from "../../graph/index.ts";
import { width } from "../../nn/index.ts";
import type { FileMatrix } from "../../numeric/index.ts";
import type { Device } from "../../runtime/index.ts";
import { MAX_NUMBERS, requireNarrow } from "../limits.ts";
import { fitTensorStatistics, rangedNormalisation, wholeNormalisation } from "../normalisations/fit-normalisation.ts";
import type { Normalisation } from "../normalisations/normalisation.ts";
import type { Saved } from "../saved.ts";
import type { AutoencoderPart, Codec, LoadSource } from "./autoencoder.ts";
import { codecOf } from "./codec.ts";
import {
  decodeLinear,
  encodeLinear,
  fitLinearLatents,
  type LinearLatents,
  type LinearSource,
  linearDirections,
} from "./linear-latents.ts";

/** Options of the linear autoencoder. */
export interface LinearOptions {
  readonly type: "linear";
  /** Numbers of a latent, at most; K − 1 suffice. */
  readonly latent: number;
}

/** The codec of directions that are in memory. */
export function linearCodec(
  { mean, components, latent }: LinearLatents,
  normalisation: Normalisation,
  device: Device,
): Codec {
  const dimension = mean.length;
  const directions = constant(components, [latent, dimension]);
  const centre = constant(mean, [dimension]);
  const maps = {
    dimension,
    latent,
    // Directions, their centre, and the mean, scale and reference of the normalisation.
    constants: dimension * (latent + 4),
    encode: (v: Tensor) => gemm(sub(v, centre), directions, { transB: true }),
    decode: (z: Tensor) => add(gemm(z, directions), centre),
  };
  return codecOf(maps, normalisation, device);
}

/** Opens the checkpoints of which saved weights are combinations. */
async function openSource(
  saved: Saved,
  source: LoadSource,
): Promise<{ source: LinearSource; checkpoints: FileMatrix; weights: Float32Array }> {
  const layout = await source.layout();
  const statistics = {
    mean: saved.get("normalisation.mean"),
    scale: saved.get("normalisation.scale"),
    reference: saved.get("normalisation.reference"),
  };
  const weights = saved.get("weights");
  const normalisation = rangedNormalisation(source.normalisation, statistics, layout);
  const checkpoints = await source.open();
  const linear = { checkpoints, normalisation, device: source.device };
  return { source: linear, checkpoints, weights };
}

/** Exact linear latents. */
export const linearAutoencoder: AutoencoderPart<LinearOptions> = {
  type: "linear",
  description: "the exact best linear autoencoder of the checkpoints, read piece by piece",
  latents: "vector",
  options: { latent: width.describe("Latent dimension; at most one less than the number of checkpoints is used.") },
  plan({ latent }, { dimension, count }) {
    requireNarrow(latent, dimension);
    const step = { outputs: [], flops: 2 * count ** 2 * dimension, traffic: 12 * count * dimension, peak: 0 };
    return {
      latent: Math.min(latent, count - 1),
      work: () => ({ steps: 1, step: { ...step, calls: 10 }, snapshotBytes: 0 }),
    };
  },
  smaller: (options, count) => ({ ...options, latent: Math.min(options.latent, count - 1) }),
  async fit({ latent }, { zoo, layout, source, store, host, progress }) {
    const statistics = await fitTensorStatistics(source.normalisation, zoo, layout);
    const normalisation = rangedNormalisation(source.normalisation, statistics, layout);
    const linear = { checkpoints: zoo, device: host.device, normalisation, signal: host.signal };
    const found = await fitLinearLatents(linear, latent, async (done) => {
      await progress(done, zoo.columns);
      throwIfAborted(host.signal);
    });
    await store.save({
      "normalisation.mean": statistics.mean,
      "normalisation.scale": statistics.scale,
      "normalisation.reference": statistics.reference,
      weights: found.weights,
    });
    return {
      latent: found.latent,
      latents: found.latents,
      explained: found.explained,
      encode: (others) => encodeLinear(linear, found.weights, others),
      release: async () => {},
    };
  },
  async load(_, saved, from) {
    const { source, checkpoints, weights } = await openSource(saved, from);
    try {
      const latent = weights.length / checkpoints.rows;
      if (latent * checkpoints.columns > MAX_NUMBERS)
        throw new UserError(
          "E_RUN",
          `${latent} directions of ${checkpoints.columns} parameters do not fit in memory; sample and export work without, or generate fewer tensors (zoo.select)`,
        );
      const normalisation = await wholeNormalisation(source.normalisation, checkpoints);
      const directions = await linearDirections(source, weights);
      return { normalisation, codec: linearCodec(directions, normalisation, from.device) };
    } finally {
      await checkpoints.close();
    }
  },
  async stream(_, saved, from) {
    const { source, checkpoints, weights } = await openSource(saved, from);
    return {
      latent: weights.length / checkpoints.rows,
      decode: (latents, put) => decodeLinear(source, weights, latents, put),
      close: () => checkpoints.close(),
    };
  },
};
