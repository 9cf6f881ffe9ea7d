/**
 * Layers with the semantics, names, shapes and defaults of PyTorch's modules. A layer is a function
 * of a scope, which names and declares its parameters, and a tensor. Inputs are
 * `[batch, channels, …]` unless said otherwise.
 */
import {
  add,
  constant,
  conv as convolve,
  convTranspose as convolveTransposed,
  describe,
  gather,
  gemm,
  type LayerKind,
  mul,
  neg,
  batchNorm as normaliseBatch,
  reciprocal,
  reshape,
  type Shape,
  shapeError,
  sizeOf,
  sqrt,
  standardise,
  type Tensor,
} from "../graph/index.ts";
import { type Initialiser, kaimingUniform, normalInitial, ones, zeros } from "./initialisers.ts";
import type { Scope } from "./scope.ts";

/** Channels of an input `[batch, channels, …]`. */
function channelsOf(layer: string, x: Tensor): number {
  const channels = x.shape[1];
  if (channels === undefined) throw shapeError(layer, `needs an input [batch, channels, …], got ${describe(x)}`);
  return channels;
}

interface Weighted {
  /** Whether the layer has a bias; yes by default. */
  bias?: boolean;
  /** Initial values of weight and bias; PyTorch's defaults where nothing is said. */
  initial?: { weight?: Initialiser; bias?: Initialiser };
}

const biasOf = (
  at: Scope,
  kind: LayerKind,
  size: number,
  fanIn: number,
  { bias = true, initial }: Weighted,
): { bias?: Tensor } =>
  bias ? { bias: at.parameter("bias", [size], kind, initial?.bias ?? kaimingUniform(fanIn)) } : {};

/** `x Wᵀ + b` along the last axis: `[…, in]` to `[…, out]`. */
export function linear(at: Scope, x: Tensor, { out, ...weighted }: { out: number } & Weighted): Tensor {
  return at.layer(() => {
    const into = x.shape.at(-1) ?? 1;
    const weight = at.parameter("weight", [out, into], "linear", weighted.initial?.weight ?? kaimingUniform(into));
    const options = { transB: true, ...biasOf(at, "linear", out, into, weighted) };
    const rows = sizeOf(x.shape) / into;
    return reshape(gemm(reshape(x, [rows, into]), weight, options), x.shape.with(-1, out));
  });
}

export interface ConvLayer extends Weighted {
  out: number;
  /** Kernel size along every spatial axis. */
  kernel: number;
  stride?: number;
  padding?: number;
  groups?: number;
}

/** Convolution over as many spatial axes as the input has (Conv1d, Conv2d). */
export function conv(
  at: Scope,
  x: Tensor,
  { out, kernel, stride = 1, padding = 0, groups = 1, ...weighted }: ConvLayer,
): Tensor {
  return at.layer(() => {
    const window = x.shape.slice(2).map(() => kernel);
    const channels = channelsOf("conv", x);
    const into = channels / groups;
    if (!Number.isInteger(into)) throw shapeError("conv", `${channels} channels do not divide into ${groups} groups`);
    const fanIn = into * sizeOf(window);
    const initial = weighted.initial?.weight ?? kaimingUniform(fanIn);
    const weight = at.parameter("weight", [out, into, ...window], "conv", initial);
    return convolve(x, weight, { stride, padding, groups, ...biasOf(at, "conv", out, fanIn, weighted) });
  });
}

/** Transposed convolution (ConvTranspose1d, ConvTranspose2d). */
export function convTranspose(
  at: Scope,
  x: Tensor,
  {
    out,
    kernel,
    stride = 1,
    padding = 0,
    outputPadding = 0,
    groups = 1,
    ...weighted
  }: ConvLayer & { outputPadding?: number },
): Tensor {
  return at.layer(() => {
    const window = x.shape.slice(2).map(() => kernel);
    const fanIn = (out / groups) * sizeOf(window); // as PyTorch counts it, from the second axis of the weight
    const initial = weighted.initial?.weight ?? kaimingUniform(fanIn);
    const weight = at.parameter("weight", [channelsOf("convTranspose", x), out / groups, ...window], "conv", initial);
    return convolveTransposed(x, weight, {
      stride,
      padding,
      outputPadding,
      groups,
      ...biasOf(at, "conv", out, fanIn, weighted),
    });
  });
}

interface Norm {
  /** Added to the variance; 1e-5 by default. */
  eps?: number;
  /** Whether the layer has a weight and a bias; yes by default. */
  affine?: boolean;
}

/**
 * Weight and bias of a normalisation layer, shaped to act on axis 1 of an input of the given rank.
 */
function affineChannels(at: Scope, normal: Tensor, channels: number, affine: boolean): Tensor {
  if (!affine) return normal;
  const along: Shape = [channels, ...normal.shape.slice(2).map(() => 1)];
  const weight = at.parameter("weight", [channels], "norm", ones);
  const bias = at.parameter("bias", [channels], "norm", zeros);
  return add(mul(normal, reshape(weight, along)), reshape(bias, along));
}

/**
 * Batch normalisation (Ioffe and Szegedy, 2015). With the batch's statistics it moves the running
 * ones by `momentum` towards them (the variance unbiased, as PyTorch); in evaluation, and where the
 * scope says so, it uses the running ones.
 * @param options `initial` draws the weight; ones by default.
 */
export function batchNorm(
  at: Scope,
  x: Tensor,
  {
    eps = 1e-5,
    momentum = 0.1,
    affine = true,
    initial = ones,
  }: Norm & { momentum?: number; initial?: Initialiser } = {},
): Tensor {
  return at.layer(() => {
    const channels = channelsOf("batchNorm", x);
    const along: Shape = [channels, ...x.shape.slice(2).map(() => 1)];
    const weight = affine ? at.parameter("weight", [channels], "norm", initial) : undefined;
    const bias = affine ? at.parameter("bias", [channels], "norm", zeros) : undefined;
    const runningMean = at.buffer("running_mean", [channels], "running-mean", 0);
    const runningVariance = at.buffer("running_var", [channels], "running-variance", 1);
    if (at.statistics === "running") {
      // One scale and one shift per channel, worked out on vectors: what is large is read and
      // written once.
      const inverse = reciprocal(sqrt(add(runningVariance, eps)));
      const scale = weight === undefined ? inverse : mul(weight, inverse);
      const offset = neg(mul(runningMean, scale));
      const shift = bias === undefined ? offset : add(bias, offset);
      return add(mul(x, reshape(scale, along)), reshape(shift, along));
    }
    const count = sizeOf(x.shape) / channels;
    if (count < 2)
      throw shapeError("batchNorm", "needs more than one value per channel to train; use a batch of at least two");
    const { y, mean, variance } = normaliseBatch(x, {
      weight: weight ?? constant(new Float32Array(channels).fill(1), [channels]),
      bias: bias ?? constant(new Float32Array(channels), [channels]),
      eps,
    });
    const move = (running: Tensor, batch: Tensor) => add(mul(running, 1 - momentum), mul(batch, momentum));
    at.update(runningMean, move(runningMean, mean));
    at.update(runningVariance, move(runningVariance, mul(variance, count / (count - 1))));
    return y;
  });
}

/** Layer normalisation over the last `axes` axes (Ba, Kiros and Hinton, 2016). */
export function layerNorm(
  at: Scope,
  x: Tensor,
  { axes = 1, eps = 1e-5, affine = true }: Norm & { axes?: number } = {},
): Tensor {
  return at.layer(() => {
    const rank = x.shape.length;
    const { normal } = standardise(x, { axes: Array.from({ length: axes }, (_, i) => rank - axes + i), eps });
    if (!affine) return normal;
    const shape = x.shape.slice(rank - axes);
    const weight = at.parameter("weight", shape, "norm", ones);
    const bias = at.parameter("bias", shape, "norm", zeros);
    return add(mul(normal, weight), bias);
  });
}

/**
 * Group normalisation: channels in `groups` groups, each standardised over itself and space (Wu and
 * He, 2018).
 */
export function groupNorm(
  at: Scope,
  x: Tensor,
  { groups, eps = 1e-5, affine = true }: Norm & { groups: number },
): Tensor {
  return at.layer(() => {
    const [batch, channels] = x.shape as [number, number];
    if (channels % groups !== 0)
      throw shapeError("groupNorm", `${channels} channels do not divide into ${groups} groups`);
    const grouped = reshape(x, [batch, groups, sizeOf(x.shape) / batch / groups]);
    const { normal } = standardise(grouped, { axes: [2], eps });
    return affineChannels(at, reshape(normal, x.shape), channels, affine);
  });
}

/**
 * Instance normalisation: each channel of each example over space; without parameters by default,
 * as PyTorch.
 */
export function instanceNorm(at: Scope, x: Tensor, { eps = 1e-5, affine = false }: Norm = {}): Tensor {
  return at.layer(() => {
    const axes = x.shape.map((_, i) => i).slice(2);
    if (sizeOf(x.shape.slice(2)) < 2)
      throw shapeError("instanceNorm", "needs more than one position to standardise over");
    return affineChannels(at, standardise(x, { axes, eps }).normal, channelsOf("instanceNorm", x), affine);
  });
}

/**
 * Sets elements to zero with probability `rate` in training and scales the others by 1 / (1 −
 * rate).
 * @param options `mask` is the shape in which is drawn, repeated over x where its axes have size 1;
 *   that of x by default.
 */
export function dropout(at: Scope, x: Tensor, { rate, mask = x.shape }: { rate: number; mask?: Shape }): Tensor {
  if (!at.training || rate === 0) return x;
  return mul(x, at.noise("mask", mask, { kind: "bernoulli", rate }));
}

/** Learned vectors by index: integers `[count]` to `[count, width]`. */
export function embedding(at: Scope, indices: Tensor, { count, width }: { count: number; width: number }): Tensor {
  return at.layer(() => gather(at.parameter("weight", [count, width], "embedding", normalInitial(1)), indices));
}
