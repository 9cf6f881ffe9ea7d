/**
 * Vision transformers (Dosovitskiy et al., 2020) with timm's names and initial values: ViT-Tiny is
 * 192 wide and 12 deep with 3 heads, ViT-Base 768 wide and 12 deep with 12 heads, both on patches
 * of 16.
 */
import { add, concat, expand, gelu, reshape, shapeError, slice, type Tensor } from "../graph/index.ts";
import { depthRates, dropout, dropPath, layerNorm, linear, normalInitial, type Scope, zeros } from "../nn/index.ts";
import { attend } from "./attention.ts";
import { sizeAlong } from "./flatten.ts";
import type { Network } from "./network.ts";
import { channelsLast, checkCovered, patchConv } from "./patches.ts";

/** Options of `vit`. */
export interface VitOptions {
  /** Side of a patch; must divide the images' sides. */
  readonly patch: number;
  /** Width of a token; a multiple of `heads`. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  readonly heads: number;
  /** Dropout rate after the positions, the attention and both layers of the MLP; 0 by default. */
  readonly dropout?: number;
  /** Dropout rate of the attention weights; 0 by default. */
  readonly attentionDropout?: number;
  /** Rate of stochastic depth at the last block, 0 at the first, linear between; 0 by default. */
  readonly dropPath?: number;
}

const EPS = 1e-6;
/** Width of the MLP's hidden layer, relative to a token. */
const MLP_RATIO = 4;

// timm truncates this normal at ±2, which is a hundred standard deviations.
const small = normalInitial(0.02);
const dense = { weight: small, bias: zeros };

type Rates = Required<Pick<VitOptions, "dropout" | "attentionDropout" | "dropPath">>;

/** Attention with its projections, on `[batch, tokens, width]`. */
function attention(at: Scope, x: Tensor, heads: number, rates: Rates): Tensor {
  const width = sizeAlong(x, 2);
  const qkv = linear(at.in("qkv"), x, { out: 3 * width, initial: dense });
  const drop = (weights: Tensor) => dropout(at.in("attn_drop"), weights, { rate: rates.attentionDropout });
  const projected = linear(at.in("proj"), attend(qkv, { heads, drop }), { out: width, initial: dense });
  return dropout(at.in("proj_drop"), projected, { rate: rates.dropout });
}

function mlp(at: Scope, x: Tensor, rate: number): Tensor {
  const width = sizeAlong(x, 2);
  const hidden = gelu(linear(at.in("fc1"), x, { out: MLP_RATIO * width, initial: dense }));
  const out = linear(at.in("fc2"), dropout(at.in("drop1"), hidden, { rate }), { out: width, initial: dense });
  return dropout(at.in("drop2"), out, { rate });
}

function block(at: Scope, x: Tensor, heads: number, rates: Rates): Tensor {
  const path = { rate: rates.dropPath };
  const attended = attention(at.in("attn"), layerNorm(at.in("norm1"), x, { eps: EPS }), heads, rates);
  const y = add(x, dropPath(at.in("drop_path1"), attended, path));
  const updated = mlp(at.in("mlp"), layerNorm(at.in("norm2"), y, { eps: EPS }), rates.dropout);
  return add(y, dropPath(at.in("drop_path2"), updated, path));
}

/** Tokens `[batch, 1 + patches, width]`: the class token and the patches, plus positions. */
function embed(at: Scope, images: Tensor, { patch, width }: VitOptions): Tensor {
  checkCovered("vit", images.shape, patch);
  const [batch, , height, breadth] = images.shape as [number, number, number, number];
  const patches = (height / patch) * (breadth / patch);
  const token = at.parameter("cls_token", [1, 1, width], "embedding", normalInitial(1e-6));
  const positions = at.parameter("pos_embed", [1, 1 + patches, width], "embedding", small);
  const maps = patchConv(at.in("patch_embed").in("proj"), channelsLast(images), { out: width, patch });
  const tokens = concat([expand(token, [batch, 1, width]), reshape(maps, [batch, patches, width])], 1);
  return add(tokens, positions);
}

/**
 * The network with layers `patch_embed`, `blocks`, `norm`, `head`.
 * @throws UserError `E_SHAPE`, when the network is built, if patches do not cover the images or the
 *   heads do not divide the width.
 */
export function vit(options: VitOptions): Network {
  const { width, depth, heads } = options;
  const rates = { dropout: options.dropout ?? 0, attentionDropout: options.attentionDropout ?? 0 };
  return (at, images, classes) => {
    if (width % heads !== 0) throw shapeError("vit", `a width of ${width} does not divide into ${heads} heads`);
    let x = dropout(at.in("pos_drop"), embed(at, images, options), { rate: rates.dropout });
    depthRates(options.dropPath ?? 0, depth).forEach((rate, i) => {
      x = block(at.in("blocks").in(i), x, heads, { ...rates, dropPath: rate });
    });
    x = layerNorm(at.in("norm"), x, { eps: EPS });
    const token = slice(x, { axes: [1], starts: [0], ends: [1] });
    return linear(at.in("head"), reshape(token, [sizeAlong(x, 0), width]), { out: classes, initial: dense });
  };
}
