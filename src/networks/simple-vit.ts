/**
 * The plain vision transformer of Beyer, Zhai and Kolesnikov (2022): fixed positions, no class
 * token, the mean of all tokens at the end. Names and layers are those of SimpleViT in the
 * vit-pytorch library. With patches of 8, width 64, depth 4, 4 heads of size 8 and MLPs of 64 it is
 * the paper's ViT-mini of 80 714 parameters.
 */
import { add, constant, gelu, mul, reduceMean, reshape, shapeError, standardise, type Tensor } from "../graph/index.ts";
import { layerNorm, linear, ones, type Scope, zeros } from "../nn/index.ts";
import { attend } from "./attention.ts";
import type { Network } from "./network.ts";
import { channelsLast, checkCovered, patchesOf } from "./patches.ts";

/** Options of `simpleVit`. */
export interface SimpleVitOptions {
  /** Side of a patch; must divide the images' sides. */
  readonly patch: number;
  /** Width of a token: a multiple of four, at least eight. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  readonly heads: number;
  /** Width of a head. */
  readonly headWidth: number;
  /** Width of the MLPs' hidden layers. */
  readonly hidden: number;
}

/** Sines and cosines of column and row, a quarter of the width each: `[rows × columns, width]`. */
function positions(rows: number, columns: number, width: number): Tensor {
  const quarter = width / 4;
  const table = new Float32Array(rows * columns * width);
  for (let token = 0; token < rows * columns; token++) {
    const at = [token % columns, Math.floor(token / columns)];
    for (let i = 0; i < quarter; i++) {
      const frequency = 10_000 ** (-i / (quarter - 1));
      at.forEach((place, axis) => {
        const start = token * width + 2 * axis * quarter + i;
        table[start] = Math.sin(place * frequency);
        table[start + quarter] = Math.cos(place * frequency);
      });
    }
  }
  return constant(table, [rows * columns, width]);
}

/** Declares the last normalisation before the blocks, in the order of the original. */
function finalNorm(at: Scope, width: number): (x: Tensor) => Tensor {
  const weight = at.parameter("weight", [width], "norm", ones);
  const bias = at.parameter("bias", [width], "norm", zeros);
  return (x) => add(mul(standardise(x, { axes: [x.shape.length - 1], eps: 1e-5 }).normal, weight), bias);
}

/** Attention and MLP, each with a residual connection, on `[batch, tokens, width]`. */
function block(at: Scope, x: Tensor, { width, heads, headWidth, hidden }: SimpleVitOptions): Tensor {
  const attention = at.in(0);
  const qkv = linear(attention.in("to_qkv"), layerNorm(attention.in("norm"), x), {
    out: 3 * heads * headWidth,
    bias: false,
  });
  const y = add(x, linear(attention.in("to_out"), attend(qkv, { heads }), { out: width, bias: false }));
  const mlp = at.in(1).in("net");
  const hiddenUnits = gelu(linear(mlp.in(1), layerNorm(mlp.in(0), y), { out: hidden }));
  return add(y, linear(mlp.in(3), hiddenUnits, { out: width }));
}

/**
 * The network.
 * @throws UserError `E_SHAPE`, when the network is built, if patches do not cover the images or the
 *   width does not fit.
 */
export function simpleVit(options: SimpleVitOptions): Network {
  const { patch, width, depth } = options;
  return (at, images, classes) => {
    checkCovered("simpleVit", images.shape, patch);
    if (width % 4 !== 0 || width < 8)
      throw shapeError("simpleVit", `a width of ${width} is no multiple of four from eight`);
    const patches = patchesOf(channelsLast(images), patch);
    const [batch, rows, columns, size] = patches.shape as [number, number, number, number];
    const embedding = at.in("to_patch_embedding");
    let x = layerNorm(embedding.in(1), reshape(patches, [batch, rows * columns, size]));
    x = layerNorm(embedding.in(3), linear(embedding.in(2), x, { out: width }));
    x = add(x, positions(rows, columns, width));
    const transformer = at.in("transformer");
    const norm = finalNorm(transformer.in("norm"), width);
    for (let i = 0; i < depth; i++) x = block(transformer.in("layers").in(i), x, options);
    return linear(at.in("linear_head"), reduceMean(norm(x), { axes: [1] }), { out: classes });
  };
}
