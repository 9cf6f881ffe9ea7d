/**
 * Multi-head self-attention (Vaswani et al., 2017) without its two projections, which the networks
 * declare.
 */
import { matMul, mul, reshape, softmax, split, type Tensor, transpose } from "../graph/index.ts";

/** Options of `attend`. */
export interface Attention {
  readonly heads: number;
  /** Applied to the attention weights `[batch, heads, tokens, tokens]`; the identity by default. */
  readonly drop?: (weights: Tensor) => Tensor;
}

/**
 * Applies attention.
 * @param qkv queries, keys and values of all heads, in this order along the last axis:
 *   `[batch, tokens, 3 × heads × size]`.
 * @returns `[batch, tokens, heads × size]`.
 */
export function attend(qkv: Tensor, { heads, drop = (weights) => weights }: Attention): Tensor {
  const [batch, tokens, width] = qkv.shape as [number, number, number];
  const size = width / 3 / heads;
  const parts = transpose(reshape(qkv, [batch, tokens, 3, heads, size]), [2, 0, 3, 1, 4]);
  const [queries, keys, values] = split(parts, [1, 1, 1], 0).map((part) =>
    reshape(part, [batch, heads, tokens, size]),
  ) as [Tensor, Tensor, Tensor];
  const scores = matMul(mul(queries, size ** -0.5), transpose(keys, [0, 1, 3, 2]));
  const mixed = matMul(drop(softmax(scores)), values);
  return reshape(transpose(mixed, [0, 2, 1, 3]), [batch, tokens, heads * size]);
}
