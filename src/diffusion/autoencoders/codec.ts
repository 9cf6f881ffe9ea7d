/** Autoencoders at work in batches, with their normalisation inside. */

import { yieldToEvents } from "../../event-loop.ts";
import { input, rewrite, type Tensor } from "../../graph/index.ts";
import { at } from "../../lookup.ts";
import { trace } from "../../nn/index.ts";
import { batched, type Device } from "../../runtime/index.ts";
import { denormalise, denormalised, type Normalisation, normalise } from "../normalisations/normalisation.ts";
import { type NetworkState, stateConstants } from "../trained-state.ts";
import type { Codec } from "./autoencoder.ts";
import type { AutoencoderNetwork } from "./network.ts";

/** Vectors coded at a time. */
export const BATCH = 50;

/** Both ways of a codec as graphs, for batches of any size, in normalised coordinates. */
export interface CodecMaps {
  readonly dimension: number;
  readonly latent: number;
  /** Numbers that the graph of `decode` holds as constants, roughly. */
  readonly constants: number;
  encode(v: Tensor): Tensor;
  decode(z: Tensor): Tensor;
}

/** How many vectors are coded at a time where batches have statistics of their own. */
type Batches = Readonly<Record<"encode" | "decode", number>> | undefined;

/** A codec from its two graphs. */
export function codecOf(
  { dimension, latent, constants, ...maps }: CodecMaps,
  normalisation: Normalisation,
  device: Device,
  batches?: Batches,
): Codec {
  const way = (name: "encode" | "decode", from: number, to: number) =>
    batched(maps[name], {
      from,
      to,
      device,
      batch: batches?.[name] ?? BATCH,
      filled: batches === undefined,
    });
  const [encoder, decoder] = [way("encode", dimension, latent), way("decode", latent, dimension)];
  return {
    dimension,
    latent,
    constants,
    decodesAlone: batches?.decode === 1,
    encode: (vectors) => encoder.run(normalise(normalisation, vectors)),
    decode: async (latents) => denormalise(normalisation, await decoder.run(latents)),
    decoded: (latents) => denormalised(normalisation, maps.decode(latents)),
    release: async () => {
      await encoder.release();
      await decoder.release();
    },
  };
}

/** A trained autoencoder network and its normalisation. */
export interface NetworkCodecOptions {
  readonly network: AutoencoderNetwork;
  readonly state: NetworkState;
  readonly normalisation: Normalisation;
  /** Vectors in a batch of the training: what batch statistics, if it uses them, are taken over. */
  readonly batch: number;
  readonly device: Device;
}

/** The codec of a trained network. */
export function networkCodec({ network, state, normalisation, batch, device }: NetworkCodecOptions): Codec {
  const { dimension, latent, statistics = "running" } = network;
  // Both halves are traced together, as in training, so that every parameter finds its place in the
  // state.
  const half =
    (pick: "encode" | "decode") =>
    (x: Tensor): Tensor => {
      const v = input("v", [at(x.shape, 0), dimension]);
      const traced = trace(
        (scope) => {
          const z = network.encode(scope, pick === "encode" ? x : v).mean;
          return { encode: z, decode: network.decode(scope, pick === "decode" ? x : z) };
        },
        { training: false, statistics },
      );
      return at(rewrite([traced.outputs[pick]], stateConstants(traced, state)), 0);
    };
  return codecOf(
    {
      dimension,
      latent,
      // Its parameters, roughly, counted twice to be safe.
      constants: 4 * dimension,
      encode: half("encode"),
      decode: half("decode"),
    },
    normalisation,
    device,
    statistics === "batch" ? { encode: batch, decode: 1 } : undefined,
  );
}

/** Coordinates of all vectors summed up before the event loop may have a turn. */
const SUMMED = 256;

/**
 * The fraction of the variance between vectors that survives encoding and decoding: 1 − ‖v − v̂‖² /
 * ‖v − mean‖², both measured in normalised coordinates, as the autoencoder sees them. 1 is perfect,
 * 0 no better than the mean.
 * @param vectors `[n, D]`; decoded the same.
 * @throws Interrupted when the signal aborts.
 */
export async function varianceExplained(
  vectors: Float32Array,
  decoded: Float32Array,
  normalisation: Normalisation,
  signal?: AbortSignal,
): Promise<number> {
  const d = normalisation.mean.length;
  const n = vectors.length / d;
  const seen = normalise(normalisation, vectors);
  const made = normalise(normalisation, decoded);
  let missed = 0;
  let total = 0;
  for (let i = 0; i < d; i++) {
    if (i % SUMMED === 0) await yieldToEvents(signal);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += seen[k * d + i]!;
    const mean = sum / n;
    for (let k = 0; k < n; k++) {
      missed += (seen[k * d + i]! - made[k * d + i]!) ** 2;
      total += (seen[k * d + i]! - mean) ** 2;
    }
  }
  return total === 0 ? 0 : 1 - missed / total;
}
