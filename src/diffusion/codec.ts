/**
 * A fitted autoencoder at work: parameter vectors to latents and back, in batches. Whatever its kind, it takes raw
 * parameters and gives raw parameters; the normalisation is inside.
 */
import { add, constant, gemm, input, rewrite, sub, type Tensor } from "../graph/index.ts";
import { asConstants, trace } from "../nn/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { autoencoder, type ConvolutionalOptions } from "./autoencoders.ts";
import type { LinearLatents } from "./linear-latents.ts";
import { denormalise, type Normalisation, normalise } from "./normalisation.ts";

/** Vectors to latents and back. */
export interface Codec {
  readonly dimension: number;
  readonly latent: number;
  /** `[n, D]` to `[n, latent]`. */
  encode(vectors: Float32Array): Promise<Float32Array>;
  /** `[n, latent]` to `[n, D]`. */
  decode(latents: Float32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Vectors coded at a time. */
const BATCH = 50;

interface Maps {
  readonly dimension: number;
  readonly latent: number;
  encode(v: Tensor): Tensor;
  decode(z: Tensor): Tensor;
}

async function codecOf(
  { dimension, latent, encode, decode }: Maps,
  normalisation: Normalisation,
  device: Device,
): Promise<Codec> {
  const encoder = await compile({ out: encode(input("in", [BATCH, dimension])) }, device);
  const decoder = await compile({ out: decode(input("in", [BATCH, latent])) }, device);
  const inBatches = async (program: typeof encoder, values: Float32Array, from: number, to: number) => {
    const count = values.length / from;
    const out = new Float32Array(count * to);
    const batch = new Float32Array(BATCH * from);
    for (let start = 0; start < count; start += BATCH) {
      const n = Math.min(BATCH, count - start);
      batch.fill(0).set(values.subarray(start * from, (start + n) * from));
      const result = (await program.run({ in: batch })).out as Float32Array;
      out.set(result.subarray(0, n * to), start * to);
    }
    return out;
  };
  return {
    dimension,
    latent,
    encode: (vectors) => inBatches(encoder, normalise(normalisation, vectors), dimension, latent),
    decode: async (latents) => denormalise(normalisation, await inBatches(decoder, latents, latent, dimension)),
    release: async () => {
      await encoder.release();
      await decoder.release();
    },
  };
}

/** The codec of a trained network; `theta` holds its parameters as the trainer does. */
export function networkCodec(
  options: ConvolutionalOptions,
  theta: Float32Array,
  normalisation: Normalisation,
  device: Device,
): Promise<Codec> {
  const dimension = normalisation.mean.length;
  const net = autoencoder(options, dimension);
  // Both halves are traced together, as in training, so that every parameter finds its place in theta.
  const half =
    (pick: "encode" | "decode") =>
    (x: Tensor): Tensor => {
      const v = input("v", [BATCH, dimension]);
      const traced = trace(
        (at) => {
          const z = net.encode(at, pick === "encode" ? x : v);
          return { encode: z, decode: net.decode(at, pick === "decode" ? x : z) };
        },
        { training: false },
      );
      return rewrite([traced.outputs[pick]], asConstants(traced.parameters, theta))[0]!;
    };
  return codecOf(
    { dimension, latent: net.latent, encode: half("encode"), decode: half("decode") },
    normalisation,
    device,
  );
}

/** The codec of linear latents. */
export function linearCodec(
  { mean, components, latent }: LinearLatents,
  normalisation: Normalisation,
  device: Device,
): Promise<Codec> {
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
export function varianceExplained(vectors: Float32Array, decoded: Float32Array, { scale }: Normalisation): number {
  const d = scale.length;
  const n = vectors.length / d;
  let missed = 0;
  let total = 0;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += vectors[k * d + i]!;
    const mean = sum / n;
    for (let k = 0; k < n; k++) {
      missed += ((vectors[k * d + i]! - decoded[k * d + i]!) / scale[i]!) ** 2;
      total += ((vectors[k * d + i]! - mean) / scale[i]!) ** 2;
    }
  }
  return total === 0 ? 0 : 1 - missed / total;
}
