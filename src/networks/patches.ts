/**
 * Images cut into square patches, and convolutions whose windows are such patches (kernel equal to stride) as one matrix
 * product. Maps have their channels last here, as token-wise layers want them: a patch is then made of whole rows of memory.
 */
import { gemm, reshape, type Shape, shapeError, slice, type Tensor, transpose } from "../graph/index.ts";
import { type Initialiser, kaimingUniform, type Scope } from "../nn/index.ts";

/** `[batch, channels, height, width]` to `[batch, height, width, channels]`. */
export const channelsLast = (x: Tensor): Tensor => transpose(x, [0, 2, 3, 1]);

/** `[batch, height, width, channels]` to `[batch, channels, height, width]`. */
export const channelsFirst = (x: Tensor): Tensor => transpose(x, [0, 3, 1, 2]);

/** Complains where patches would not cover images `[batch, channels, height, width]` exactly. */
export function checkCovered(network: string, [, , height, width]: Shape, patch: number): void {
  if (height! % patch !== 0 || width! % patch !== 0)
    throw shapeError(
      network,
      `images of ${height} x ${width} pixels do not divide into patches of ${patch} x ${patch}; use sides that are multiples of ${patch}, or another patch`,
    );
}

/**
 * `[batch, height, width, channels]` to `[batch, ⌊height / patch⌋, ⌊width / patch⌋, patch × patch × channels]`. What
 * fills no patch at the right and the bottom is left out.
 */
export function patchesOf(x: Tensor, patch: number): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const rows = Math.floor(height / patch);
  const columns = Math.floor(width / patch);
  if (rows === 0 || columns === 0)
    throw shapeError("patchesOf", `${height} x ${width} positions do not fill a patch of ${patch} x ${patch}`);
  const whole = slice(x, { axes: [1, 2], starts: [0, 0], ends: [rows * patch, columns * patch] });
  const tiles = transpose(reshape(whole, [batch, rows, patch, columns, patch, channels]), [0, 1, 3, 2, 4, 5]);
  return reshape(tiles, [batch, rows, columns, patch * patch * channels]);
}

export interface PatchConv {
  readonly out: number;
  /** Side of a patch: kernel and stride. */
  readonly patch: number;
  /** Initial values of weight and bias; PyTorch's defaults where nothing is said. */
  readonly initial?: { readonly weight?: Initialiser; readonly bias?: Initialiser };
}

/** A convolution on the patches of `[batch, height, width, in]`: `[batch, ⌊height / patch⌋, ⌊width / patch⌋, out]`. */
export function patchConv(at: Scope, x: Tensor, { out, patch, initial = {} }: PatchConv): Tensor {
  return at.layer(() => {
    const into = x.shape[3]!;
    const fanIn = patch * patch * into;
    const weight = at.parameter("weight", [out, into, patch, patch], "conv", initial.weight ?? kaimingUniform(fanIn));
    const bias = at.parameter("bias", [out], "conv", initial.bias ?? kaimingUniform(fanIn));
    const patches = patchesOf(x, patch);
    const kernel = reshape(transpose(weight, [0, 2, 3, 1]), [out, fanIn]);
    const [batch, rows, columns] = patches.shape as [number, number, number, number];
    const products = gemm(reshape(patches, [batch * rows * columns, fanIn]), kernel, { transB: true, bias });
    return reshape(products, [batch, rows, columns, out]);
  });
}
