/**
 * Vision transformers (Dosovitskiy et al., 2020) with the names and initial values of timm's: ViT-Tiny is 192 wide and 12
 * deep with 3 heads, ViT-Base 768 wide and 12 deep with 12 heads, both on patches of 16.
 */
import { add, concat, expand, gelu, reshape, shapeError, slice, type Tensor } from "../graph/index.ts";
import { depthRates, dropout, dropPath, layerNorm, linear, normalInitial, type Scope, zeros } from "../nn/index.ts";
import { attend } from "./attention.ts";
import type { Network } from "./network.ts";
import { channelsLast, checkCovered, patchConv } from "./patches.ts";

export interface VitOptions {
  /** Side of a patch; it divides the images' sides. */
  readonly patch: number;
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  readonly heads: number;
  /** Rate of dropout after the positions, the projection of the attention and both layers of the MLP; 0 by default. */
  readonly dropout?: number;
  /** Rate of dropout of the attention weights; 0 by default. */
  readonly attentionDropout?: number;
  /** Rate of stochastic depth at the last block, growing evenly from 0 at the first; 0 by default. */
  readonly dropPath?: number;
}

const EPS = 1e-6;
/** Width of the MLP's hidden layer in widths of the network. */
const MLP_RATIO = 4;

// timm cuts this normal at ±2: a hundred standard deviations, so that nothing is ever cut.
const small = normalInitial(0.02);
const dense = { weight: small, bias: zeros };

type Rates = Required<Pick<VitOptions, "dropout" | "attentionDropout" | "dropPath">>;

/** `[batch, tokens, width]` to the same. */
function attention(at: Scope, x: Tensor, heads: number, rates: Rates): Tensor {
  const width = x.shape[2]!;
  const qkv = linear(at.in("qkv"), x, { out: 3 * width, initial: dense });
  const drop = (weights: Tensor) => dropout(at.in("attn_drop"), weights, { rate: rates.attentionDropout });
  const projected = linear(at.in("proj"), attend(qkv, { heads, drop }), { out: width, initial: dense });
  return dropout(at.in("proj_drop"), projected, { rate: rates.dropout });
}

function mlp(at: Scope, x: Tensor, rate: number): Tensor {
  const width = x.shape[2]!;
  const hidden = gelu(linear(at.in("fc1"), x, { out: MLP_RATIO * width, initial: dense }));
  const out = linear(at.in("fc2"), dropout(at.in("drop1"), hidden, { rate }), { out: width, initial: dense });
  return dropout(at.in("drop2"), out, { rate });
}

function block(at: Scope, x: Tensor, heads: number, rates: Rates): Tensor {
  const path = { rate: rates.dropPath };
  const attended = attention(at.in("attn"), layerNorm(at.in("norm1"), x, { eps: EPS }), heads, rates);
  const y = add(x, dropPath(at.in("drop_path1"), attended, path));
  const thought = mlp(at.in("mlp"), layerNorm(at.in("norm2"), y, { eps: EPS }), rates.dropout);
  return add(y, dropPath(at.in("drop_path2"), thought, path));
}

/** Patches as tokens `[batch, 1 + patches, width]`, the class token first, with their positions. */
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
    return linear(at.in("head"), reshape(token, [x.shape[0]!, width]), { out: classes, initial: dense });
  };
}
