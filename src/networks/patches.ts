/**
 * Images cut into square patches, and convolutions whose windows are such patches (kernel equal to
 * stride) as one matrix product. Maps have their channels last, as layers on tokens need them; the
 * pixels of a patch's row are then contiguous in memory.
 */
import { gemm, reshape, type Shape, shapeError, slice, type Tensor, transpose } from "../graph/index.ts";
import { type Initialiser, kaimingUniform, type Scope } from "../nn/index.ts";
import { sizeAlong } from "./flatten.ts";

/** `[batch, channels, height, width]` to `[batch, height, width, channels]`. */
export const channelsLast = (x: Tensor): Tensor => transpose(x, [0, 2, 3, 1]);

/** `[batch, height, width, channels]` to `[batch, channels, height, width]`. */
export const channelsFirst = (x: Tensor): Tensor => transpose(x, [0, 3, 1, 2]);

/**
 * Checks that patches cover images `[batch, channels, height, width]` exactly.
 * @param network its name, for the message.
 * @throws UserError `E_SHAPE` when the patch does not divide the sides.
 */
export function checkCovered(network: string, [, , height = 0, width = 0]: Shape, patch: number): void {
  if (height % patch !== 0 || width % patch !== 0)
    throw shapeError(
      network,
      `images of ${height} x ${width} pixels do not divide into patches of ${patch} x ${patch}; use sides that are multiples of ${patch}, or another patch`,
    );
}

/**
 * Cuts `[batch, height, width, channels]` into
 * `[batch, ⌊height / patch⌋, ⌊width / patch⌋, patch × patch × channels]`. A remainder at the right
 * and the bottom is dropped.
 * @throws UserError `E_SHAPE` when no patch fits.
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

/** Options of `patchConv`. */
export interface PatchConv {
  /** Number of output channels. */
  readonly out: number;
  /** Side of a patch: kernel and stride. */
  readonly patch: number;
  /** Initial values of weight and bias; PyTorch's by default. */
  readonly initial?: { readonly weight?: Initialiser; readonly bias?: Initialiser };
}

/**
 * A convolution of `[batch, height, width, in]` by patches, with parameters `weight` and `bias`.
 * @returns `[batch, ⌊height / patch⌋, ⌊width / patch⌋, out]`.
 */
export function patchConv(at: Scope, x: Tensor, { out, patch, initial = {} }: PatchConv): Tensor {
  return at.layer(() => {
    const into = sizeAlong(x, 3);
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
