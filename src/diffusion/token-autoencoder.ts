/**
 * An autoencoder on tokens: the vector is cut into chunks, each with a small map of its own to a few numbers and back, and one
 * layer between all of these and the latent. Checkpoints differ in another way at every place, so chunks share no weights;
 * but no layer spans the whole vector, and time and memory grow in proportion to its length (rank × D parameters each way).
 */
import { add, leakyRelu, matMul, pad, reshape, slice, type Tensor, transpose } from "../graph/index.ts";
import { kaimingUniform, linear, type Scope, zeros } from "../nn/index.ts";
import type { Autoencoder } from "./autoencoders.ts";

export interface TokenOptions {
  readonly type: "tokens";
  /** Numbers in a chunk. */
  readonly chunk: number;
  /** Numbers that each chunk becomes. */
  readonly rank: number;
  readonly latent: number;
}

export function tokenAutoencoder({ chunk, rank, latent }: TokenOptions, dimension: number): Autoencoder {
  const tokens = Math.ceil(dimension / chunk);
  /** Every chunk through its own map: `[tokens, batch, from]` to `[tokens, batch, to]`. */
  const each = (at: Scope, x: Tensor, to: number): Tensor => {
    const from = x.shape[2]!;
    const weight = at.parameter("weight", [tokens, from, to], "linear", kaimingUniform(from));
    const bias = at.parameter("bias", [tokens, 1, to], "linear", zeros);
    return add(matMul(x, weight), bias);
  };
  return {
    latent,
    encode(at, v) {
      const [batch] = v.shape as [number];
      const padded = pad(v, { axes: [1], before: [0], after: [tokens * chunk - dimension] });
      const x = transpose(reshape(padded, [batch, tokens, chunk]), [1, 0, 2]);
      const small = leakyRelu(each(at.in("encoder.tokens"), x, rank));
      const flat = reshape(transpose(small, [1, 0, 2]), [batch, tokens * rank]);
      return { mean: linear(at.in("encoder.latent"), flat, { out: latent }) };
    },
    decode(at, z) {
      const [batch] = z.shape as [number];
      const flat = leakyRelu(linear(at.in("decoder.latent"), z, { out: tokens * rank }));
      const small = transpose(reshape(flat, [batch, tokens, rank]), [1, 0, 2]);
      const x = transpose(each(at.in("decoder.tokens"), small, chunk), [1, 0, 2]);
      return slice(reshape(x, [batch, tokens * chunk]), { axes: [1], starts: [0], ends: [dimension] });
    },
  };
}
