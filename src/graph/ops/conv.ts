/**
 * Convolution of any spatial rank, and its two adjoints. Each is the gradient of another, so the
 * three form a closed set under differentiation: conv(x, w), inputAdjoint(y, w) (a transposed
 * convolution) and weightAdjoint(x, y). Shapes: x `[batch, in, …]`, w `[out, in / groups, …]`, y
 * `[batch, out, …]`.
 */

import { at } from "../../lookup.ts";
import { avoidMiscomputed } from "../lowering/webgpu.ts";
import {
  apply,
  describe,
  type OnnxNode,
  type Op,
  type Shape,
  shapeError,
  sizeOf,
  spatialAxes,
  spatialOf,
  type Tensor,
} from "../tensor.ts";
import { reduceSum } from "./broadcast.ts";
import { add } from "./elementwise.ts";
import type { ConvGeometry, InputGeometry, WeightGeometry } from "./kernel.ts";
import { reshape, slice, transpose } from "./shape.ts";

/** Adds a bias `[channels]` to y `[batch, channels, …]`; returns y where there is none. */
export const withBias = (y: Tensor, bias: Tensor | undefined): Tensor =>
  bias === undefined ? y : add(y, reshape(bias, [...bias.shape, ...spatialAxes(y).map(() => 1)]));

/** "in 2 groups", for messages. */
const inGroups = (groups: number): string => (groups > 1 ? ` in ${groups} groups` : "");

function convNode(w: Tensor, { stride, padding, groups }: ConvGeometry, dilation?: number): OnnxNode {
  const kernel = spatialOf(w);
  const attributes = {
    kernel_shape: kernel,
    strides: kernel.map(() => stride),
    pads: [...kernel, ...kernel].map(() => padding),
    group: groups,
    ...(dilation !== undefined && { dilations: kernel.map(() => dilation) }),
  };
  return { type: "Conv", attributes };
}

/** Inputs: x, w and, where there is one, a bias `[out]`. */
export const convOp: Op<readonly [Tensor, Tensor, ...Tensor[]], ConvGeometry> = {
  name: "conv",
  infer: ([x, w, bias], { stride, padding, groups }) => {
    const [batch, into] = x.shape;
    const [out, share] = w.shape;
    const ranks = x.shape.length >= 3 && x.shape.length === w.shape.length;
    const known = batch !== undefined && out !== undefined && share !== undefined;
    if (!ranks || !known || into !== share * groups || out % groups !== 0)
      throw shapeError("conv", `weight ${describe(w)}${inGroups(groups)} does not fit input ${describe(x)}`);
    if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== out))
      throw shapeError("conv", `${describe(bias)} is no bias for ${out} channels`);
    const spatial = spatialOf(x).map((d, i) => {
      const room = d + 2 * padding - at(w.shape, i + 2);
      if (room < 0)
        throw shapeError("conv", `input ${describe(x)} with padding ${padding} is smaller than kernel ${describe(w)}`);
      return Math.floor(room / stride) + 1;
    });
    return [{ shape: [batch, out, ...spatial], dtype: "float32" }];
  },
  onnx: (geometry, [, w]) => convNode(w, geometry),
  gradient: ({ inputs: [x, w], attributes }, [g], wanted) => [
    wanted[0] ? inputAdjoint(g, w, { ...attributes, spatial: spatialOf(x) }) : undefined,
    wanted[1] ? weightAdjoint(x, g, { ...attributes, kernel: spatialOf(w) }) : undefined,
    wanted[2] ? reduceSum(g, { axes: [0, ...spatialAxes(g)] }) : undefined,
  ],
};

/** Options of a convolution. */
export interface ConvOptions {
  /** 1 by default. */
  stride?: number;
  /** Zeros at both ends of every spatial axis; 0 by default. */
  padding?: number;
  /** 1 by default. */
  groups?: number;
  /** `[out]`. */
  bias?: Tensor | undefined;
}

/**
 * Cross-correlation of x `[batch, in, …]` with w `[out, in / groups, …]`, which deep learning calls
 * convolution.
 */
export function conv(x: Tensor, w: Tensor, { stride = 1, padding = 0, groups = 1, bias }: ConvOptions = {}): Tensor {
  const geometry = { stride, padding, groups };
  const shift = bias === undefined ? [] : [bias];
  convOp.infer([x, w, ...shift], geometry);
  return apply(convOp, [...avoidMiscomputed(x, w), ...shift], geometry)[0];
}

/** ONNX's ConvTranspose, with strides and paddings by axis. */
export const convTransposeOp: Op<
  [Tensor, Tensor],
  { readonly strides: Shape; readonly paddings: Shape; readonly groups: number; readonly spatial: Shape }
> = {
  name: "convTranspose",
  infer: ([y, w], { groups, spatial }) => [
    { shape: [at(y.shape, 0), at(w.shape, 1) * groups, ...spatial], dtype: "float32" },
  ],
  onnx: ({ strides, paddings, groups, spatial }, [y, w]) => {
    const kernel = spatialOf(w);
    const reached = kernel.map((k, i) => (at(y.shape, i + 2) - 1) * at(strides, i) + k - 2 * at(paddings, i));
    const attributes = {
      kernel_shape: kernel,
      strides,
      pads: [...paddings, ...paddings],
      group: groups,
      output_padding: spatial.map((d, i) => d - at(reached, i)),
    };
    return { type: "ConvTranspose", attributes };
  },
};

/** Whether a convolution of `kernel` over an input of size `spatial` has the spatial shape of y. */
const isResult = (y: Tensor, spatial: Shape, kernel: Shape, { stride, padding }: ConvGeometry): boolean =>
  spatial.every((d, i) => Math.floor((d + 2 * padding - at(kernel, i)) / stride) + 1 === y.shape[i + 2]);

/** Inputs: y and w; see `inputAdjoint`. */
export const inputAdjointOp: Op<[Tensor, Tensor], InputGeometry> = {
  name: "inputAdjoint",
  infer: ([y, w], geometry) => {
    const { spatial, stride, padding, groups } = geometry;
    if (y.shape[1] !== w.shape[0] || !isResult(y, spatial, spatialOf(w), geometry)) {
      const placed = `on [${spatial.join(", ")}], stride ${stride}, padding ${padding}`;
      throw shapeError("inputAdjoint", `${describe(y)} is no result of kernel ${describe(w)} ${placed}`);
    }
    return [{ shape: [at(y.shape, 0), at(w.shape, 1) * groups, ...spatial], dtype: "float32" }];
  },
  compose: ([y, w], { spatial, stride, padding, groups }) => {
    const [strides, paddings] = [spatial.map(() => stride), spatial.map(() => padding)];
    return apply(convTransposeOp, [y, w], { strides, paddings, groups, spatial });
  },
  gradient: ({ inputs: [y, w], attributes }, [g], wanted) => [
    wanted[0] ? conv(g, w, attributes) : undefined,
    wanted[1] ? weightAdjoint(g, y, { ...attributes, kernel: spatialOf(w) }) : undefined,
  ],
};

/**
 * The gradient of `conv` with respect to its input.
 * @param y `[batch, out, …]`
 * @param w `[out, in / groups, …]`
 * @returns `[batch, in, …spatial]`
 */
export const inputAdjoint = (y: Tensor, w: Tensor, geometry: InputGeometry): Tensor =>
  apply(inputAdjointOp, [y, w], geometry)[0];

/** Convolution of stride 1 with a dilated kernel. Only the plain weight gradient needs it. */
const dilatedConvOp: Op<[Tensor, Tensor], ConvGeometry & { readonly dilation: number }> = {
  name: "dilatedConv",
  infer: ([x, w], { dilation, padding }) => {
    const spatial = spatialOf(w).map((k, i) => at(x.shape, i + 2) + 2 * padding - (k - 1) * dilation);
    return [{ shape: [at(x.shape, 0), at(w.shape, 0), ...spatial], dtype: "float32" }];
  },
  onnx: (geometry, [, w]) => convNode(w, geometry, geometry.dilation),
};

/** Inputs: x and y; see `weightAdjoint`. */
export const weightAdjointOp: Op<[Tensor, Tensor], WeightGeometry> = {
  name: "weightAdjoint",
  infer: ([x, y], geometry) => {
    const { kernel, groups } = geometry;
    if (!isResult(y, spatialOf(x), kernel, geometry) || x.shape[0] !== y.shape[0])
      throw shapeError("weightAdjoint", `${describe(y)} is no result of kernel [${kernel}] on ${describe(x)}`);
    return [{ shape: [at(y.shape, 1), at(x.shape, 1) / groups, ...kernel], dtype: "float32" }];
  },
  // The convolution of x with y as kernel, in which channels are the batch and the batch is
  // channels.
  compose: ([x, y], { kernel, stride, padding, groups }) => {
    const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
    const into = channels / groups;
    const grouped = transpose(reshape(x, [batch, groups, into, sizeOf(spatialOf(x))]), [2, 1, 0, 3]);
    const images = reshape(grouped, [into, groups * batch, ...spatialOf(x)]);
    const swapped = [1, 0, ...spatialAxes(x)];
    const geometry = { stride: 1, dilation: stride, padding, groups };
    const [all] = apply(dilatedConvOp, [images, transpose(y, swapped)], geometry);
    const taps = slice(all, { axes: spatialAxes(x), starts: kernel.map(() => 0), ends: kernel });
    return [transpose(taps, swapped)];
  },
  gradient: ({ inputs: [x, y], attributes }, [g], wanted) => [
    wanted[0] ? inputAdjoint(y, g, { ...attributes, spatial: spatialOf(x) }) : undefined,
    wanted[1] ? conv(x, g, attributes) : undefined,
  ],
};

/**
 * The gradient of `conv` with respect to its weight.
 * @param x `[batch, in, …]`
 * @param y `[batch, out, …]`
 * @returns `[out, in / groups, …kernel]`
 */
export const weightAdjoint = (x: Tensor, y: Tensor, geometry: WeightGeometry): Tensor =>
  apply(weightAdjointOp, [x, y], geometry)[0];

/** Options of a transposed convolution. */
export interface ConvTransposeOptions extends ConvOptions {
  /** Added to one side of the result's length, below the stride; 0 by default. */
  outputPadding?: number;
}

/**
 * Transposed convolution of x `[batch, in, …]` with w `[in, out / groups, …]`, PyTorch's
 * ConvTranspose.
 * @throws UserError `E_SHAPE` where weight or bias do not fit, or nothing is left of the result.
 */
export function convTranspose(
  x: Tensor,
  w: Tensor,
  { stride = 1, padding = 0, outputPadding = 0, groups = 1, bias }: ConvTransposeOptions = {},
): Tensor {
  const into = x.shape[1];
  const ranks = x.shape.length >= 3 && x.shape.length === w.shape.length;
  if (!ranks || into === undefined || into !== w.shape[0] || into % groups !== 0)
    throw shapeError("convTranspose", `weight ${describe(w)}${inGroups(groups)} does not fit input ${describe(x)}`);
  const channels = at(w.shape, 1) * groups;
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== channels))
    throw shapeError("convTranspose", `${describe(bias)} is no bias for ${channels} channels`);
  const spatial = spatialOf(x).map((d, i) => (d - 1) * stride - 2 * padding + at(w.shape, i + 2) + outputPadding);
  if (spatial.some((d) => d < 1) || outputPadding >= stride) {
    const options = `stride ${stride}, padding ${padding}, output padding ${outputPadding}`;
    throw shapeError("convTranspose", `input ${describe(x)}, kernel ${describe(w)}, ${options} leave no result`);
  }
  return withBias(inputAdjoint(x, w, { stride, padding, groups, spatial }), bias);
}
