/**
 * A fitted autoencoder at work: parameter vectors to latents and back, in batches. Whatever its kind, it takes raw
 * parameters and gives raw parameters; the normalisation is inside.
 */
import { add, constant, gemm, input, rewrite, sub, type Tensor } from "../../graph/index.ts";
import { trace } from "../../nn/index.ts";
import { batched, type Device } from "../../runtime/index.ts";
import { denormalise, denormalised, type Normalisation, normalise } from "../normalisation.ts";
import { type NetworkState, stateConstants } from "../trained-state.ts";
import type { TokenShape } from "../unit-tokens.ts";
import { autoencoder, type ConvolutionalOptions } from "./autoencoder.ts";
import type { LinearLatents } from "./linear.ts";

/** Vectors to latents and back. */
export interface Codec {
  readonly dimension: number;
  readonly latent: number;
  /** `[n, D]` to `[n, latent]`. */
  encode(vectors: Float32Array): Promise<Float32Array>;
  /** `[n, latent]` to `[n, D]`. */
  decode(latents: Float32Array): Promise<Float32Array>;
  /** The graph of `decode`: latents `[n, latent]` to parameters `[n, D]`. */
  decoded(latents: Tensor): Tensor;
  /** What latents consist of, where they are tokens. */
  readonly tokens?: TokenShape;
  release(): Promise<void>;
}

/** Vectors coded at a time. */
export const BATCH = 50;

/** Both ways of a codec as graphs, for batches of any size. */
interface Maps {
  readonly dimension: number;
  readonly latent: number;
  encode(v: Tensor): Tensor;
  decode(z: Tensor): Tensor;
}

/** How many vectors are coded at a time where batches have statistics of their own. */
type Batches = Readonly<Record<"encode" | "decode", number>> | undefined;

function codecOf(
  { dimension, latent, ...maps }: Maps,
  normalisation: Normalisation,
  device: Device,
  batches?: Batches,
): Codec {
  const way = (name: "encode" | "decode", from: number, to: number) =>
    batched(maps[name], { from, to, device, batch: batches?.[name] ?? BATCH, filled: batches === undefined });
  const [encoder, decoder] = [way("encode", dimension, latent), way("decode", latent, dimension)];
  return {
    dimension,
    latent,
    encode: (vectors) => encoder.run(normalise(normalisation, vectors)),
    decode: async (latents) => denormalise(normalisation, await decoder.run(latents)),
    decoded: (latents) => denormalised(normalisation, maps.decode(latents)),
    release: async () => {
      await encoder.release();
      await decoder.release();
    },
  };
}

export interface NetworkCodecOptions {
  readonly network: ConvolutionalOptions;
  readonly state: NetworkState;
  readonly normalisation: Normalisation;
  /** Vectors in a batch of the training: as many are normalised together where batches have statistics of their own. */
  readonly batch: number;
  readonly device: Device;
}

/** The codec of a trained network. */
export function networkCodec({ network, state, normalisation, batch, device }: NetworkCodecOptions): Codec {
  const dimension = normalisation.mean.length;
  const net = autoencoder(network, dimension);
  const ownStatistics = network.type === "v3" && network.batchNorm === "batch";
  // Both halves are traced together, as in training, so that every parameter finds its place in the state.
  const half =
    (pick: "encode" | "decode") =>
    (x: Tensor): Tensor => {
      const v = input("v", [x.shape[0]!, dimension]);
      const traced = trace(
        (at) => {
          const z = net.encode(at, pick === "encode" ? x : v).mean;
          return { encode: z, decode: net.decode(at, pick === "decode" ? x : z) };
        },
        { training: false, statistics: ownStatistics ? "batch" : "running" },
      );
      return rewrite([traced.outputs[pick]], stateConstants(traced, state))[0]!;
    };
  return codecOf(
    { dimension, latent: net.latent, encode: half("encode"), decode: half("decode") },
    normalisation,
    device,
    ownStatistics ? { encode: batch, decode: 1 } : undefined,
  );
}

/** The codec of linear latents. */
export function linearCodec(
  { mean, components, latent }: LinearLatents,
  normalisation: Normalisation,
  device: Device,
): Codec {
  const dimension = mean.length;
  const directions = constant(components, [latent, dimension]);
  const centre = constant(mean, [dimension]);
  return codecOf(
    {
      dimension,
      latent,
      encode: (v) => gemm(sub(v, centre), directions, { transB: true }),
      decode: (z) => add(gemm(z, directions), centre),
    },
    normalisation,
    device,
  );
}

/**
 * The fraction of the variance between vectors that survives encoding and decoding: 1 − ‖v − v̂‖² / ‖v − mean‖², both
 * measured in normalised coordinates, as the autoencoder sees them. 1 is perfect, 0 no better than the mean.
 * @param vectors `[n, D]`; decoded the same.
 */
export function varianceExplained(vectors: Float32Array, decoded: Float32Array, normalisation: Normalisation): number {
  const d = normalisation.mean.length;
  const n = vectors.length / d;
  const seen = normalise(normalisation, vectors);
  const made = normalise(normalisation, decoded);
  let missed = 0;
  let total = 0;
  for (let i = 0; i < d; i++) {
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
