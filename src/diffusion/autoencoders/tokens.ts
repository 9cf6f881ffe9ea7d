/**
 * An autoencoder on tokens: the vector is cut into chunks, each with a small map of its own to a
 * few numbers and back, and one layer lies between all of these and the latent. Checkpoints differ
 * in another way at every place, so chunks share no weights; but no layer spans the whole vector,
 * and time and memory grow in proportion to its length (rank × D parameters each way).
 */

import { add, leakyRelu, matMul, mul, pad, reshape, slice, type Tensor, transpose } from "../../graph/index.ts";
import { at } from "../../lookup.ts";
import { normalInitial, type Scope, width, zeros } from "../../nn/index.ts";
import { requireNarrow } from "../limits.ts";
import { MAX_SMALL_LATENT } from "../smaller.ts";
import type { AutoencoderNetwork } from "./network.ts";
import { trainedAutoencoder } from "./trained.ts";

/** Options of the autoencoder on tokens. */
export interface TokenOptions {
  readonly type: "tokens";
  /** Numbers in a chunk. */
  readonly chunk: number;
  /** Numbers that each chunk becomes. */
  readonly rank: number;
  readonly latent: number;
}

/** Inputs of a layer at which its weights are what they would be without scaling. */
const USUAL_WIDTH = 32;

function build({ chunk, rank, latent }: TokenOptions, dimension: number): AutoencoderNetwork {
  requireNarrow(latent, dimension);
  const tokens = Math.ceil(dimension / chunk);

  /**
   * Groups of inputs through maps of their own: `[groups, batch, from]` to `[groups, batch, to]`.
   * Weights are scaled by the number of inputs, so that a step of Adam moves the output by as much
   * whatever the width (Yang et al., 2021, "μP"): without it, layers with thousands of inputs
   * diverge at a learning rate at which those with sixteen stand still.
   */
  function maps(scope: Scope, x: Tensor, to: number): Tensor {
    const [groups, , from] = x.shape as [number, number, number];
    const scale = USUAL_WIDTH / from;
    const initial = normalInitial(1 / (scale * Math.sqrt(from)));
    const weight = scope.parameter("weight", [groups, from, to], "linear", initial);
    const bias = scope.parameter("bias", [groups, 1, to], "linear", zeros);
    return add(mul(matMul(x, weight), scale), bias);
  }

  /** One map of everything: `[batch, from]` to `[batch, to]`. */
  const map = (scope: Scope, x: Tensor, to: number): Tensor =>
    reshape(maps(scope, reshape(x, [1, ...x.shape]), to), [at(x.shape, 0), to]);

  return {
    latent,
    dimension,
    encode(scope, v) {
      const [batch] = v.shape as [number];
      const padded = pad(v, { axes: [1], before: [0], after: [tokens * chunk - dimension] });
      const chunks = transpose(reshape(padded, [batch, tokens, chunk]), [1, 0, 2]);
      const small = leakyRelu(maps(scope.in("encoder.tokens"), chunks, rank));
      const flat = reshape(transpose(small, [1, 0, 2]), [batch, tokens * rank]);
      return { mean: map(scope.in("encoder.latent"), flat, latent) };
    },
    decode(scope, z) {
      const [batch] = z.shape as [number];
      const flat = leakyRelu(map(scope.in("decoder.latent"), z, tokens * rank));
      const small = transpose(reshape(flat, [batch, tokens, rank]), [1, 0, 2]);
      const chunks = transpose(maps(scope.in("decoder.tokens"), small, chunk), [1, 0, 2]);
      return slice(reshape(chunks, [batch, tokens * chunk]), { axes: [1], starts: [0], ends: [dimension] });
    },
  };
}

/** Ours for long vectors. */
export const tokenAutoencoder = trainedAutoencoder<TokenOptions>({
  type: "tokens",
  description: "chunks of the vector with maps of their own, for long vectors",
  options: {
    chunk: width.default(1024).describe("Parameters in each chunk of the flat vector."),
    rank: width.default(32).describe("Numbers that each chunk is reduced to before the shared latent."),
    latent: width.default(64).describe("Latent dimension."),
  },
  defaults: {
    // Noise for every number of every vector would take longer to draw than the step itself.
    noise: { parameters: 0, latent: 0.1 },
    training: {
      steps: 400,
      batch: 32,
      lr: 5e-3,
      optimiser: { type: "adamw", weightDecay: 0 },
      schedule: { type: "cosine" },
    },
  },
  build,
  smaller: (options) => ({ ...options, latent: Math.min(options.latent, MAX_SMALL_LATENT) }),
});
