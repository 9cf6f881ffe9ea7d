/**
 * What the first layer of a network sees of images, and its principal axes. A ReLU network computes
 * the same when its first layer's weights are expressed along these axes and the mean of its inputs
 * is moved into its biases.
 */
import { yieldToEvents } from "../event-loop.ts";
import { add, concat, constant, gemm, input, reshape, split, sub, type Tensor } from "../graph/index.ts";
import { allEigenvectors, upright } from "../numeric/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import type { HiddenUnits, LayerPlace } from "./hidden-units.ts";

/** Mean and principal axes of what a first layer sees. */
export interface InputAxes {
  /** Mean of the inputs, `[inputs]`. */
  readonly mean: Float32Array;
  /** Orthonormal axes by falling variance, one after another: `[inputs, inputs]`. */
  readonly axes: Float32Array;
  /** Variance of the inputs along each axis, `[inputs]`. */
  readonly variance: Float32Array;
}

/**
 * The principal axes of inputs.
 * @param mean `[inputs]`.
 * @param covariance `[inputs, inputs]`.
 * @throws Interrupted when the signal aborts.
 */
export async function principalAxes(
  mean: Float64Array,
  covariance: Float64Array,
  signal?: AbortSignal,
): Promise<InputAxes> {
  const n = mean.length;
  const found = await allEigenvectors(covariance, n, signal);
  const axes = new Float32Array(n * n);
  for (const [row, { vector }] of found.entries()) axes.set(upright(vector), row * n);
  return {
    mean: Float32Array.from(mean),
    axes,
    variance: Float32Array.from(found, ({ value }) => Math.max(0, value)),
  };
}

/**
 * The first layer's weights `[n × outputs, inputs]` and biases `[n, outputs]`, and all that comes
 * after them.
 */
function firstLayer(networks: Tensor, { inputs, outputs }: LayerPlace) {
  const [n, d] = networks.shape as [number, number];
  const size = inputs * outputs;
  const parts = split(networks, [size, outputs, d - size - outputs], 1);
  const [weight, bias, rest] = parts as [Tensor, Tensor, Tensor];
  return { rows: reshape(weight, [n * outputs, inputs]), bias, rest };
}

/**
 * The graph of networks `[n, D]` with their first layer along the axes: w ↦ A w, b ↦ b + w · mean.
 */
export function toAxes(networks: Tensor, [first]: HiddenUnits, { mean, axes }: InputAxes): Tensor {
  const { inputs, outputs } = first;
  const { rows, bias, rest } = firstLayer(networks, first);
  const turned = gemm(rows, constant(axes, [inputs, inputs]), { transB: true });
  const shift = reshape(gemm(rows, constant(mean, [inputs, 1])), bias.shape);
  const [n] = bias.shape as [number, number];
  return concat([reshape(turned, [n, outputs * inputs]), add(bias, shift), rest], 1);
}

/** The graph that undoes `toAxes`, for networks `[n, D]`. */
export function fromAxes(networks: Tensor, [first]: HiddenUnits, { mean, axes }: InputAxes): Tensor {
  const { inputs, outputs } = first;
  const { rows, bias, rest } = firstLayer(networks, first);
  const turned = gemm(rows, constant(axes, [inputs, inputs]));
  const shift = reshape(gemm(turned, constant(mean, [inputs, 1])), bias.shape);
  const [n] = bias.shape as [number, number];
  return concat([reshape(turned, [n, outputs * inputs]), sub(bias, shift), rest], 1);
}

/** What a first layer sees of an image `[channels, height, width]`: all of it, or windows of it. */
export interface ImageView {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /**
   * Side of a window; undefined where the layer sees the whole image. Padding around an image is
   * left out.
   */
  readonly kernel: number | undefined;
  /** How far it is from one window to the next. */
  readonly stride: number;
  /**
   * How often the channels of an image are repeated: 3 where a grey image stands for a colour
   * image, else 1.
   */
  readonly repeat: number;
}

/** Images whose windows are used, at most: there are many windows in an image. */
const MAX_IMAGES = 10_000;

/** Images multiplied at a time. */
const BATCH = 500;

/** Copies what the layer sees of an image, window after window. */
function copyWindows(image: Float32Array, view: ImageView, into: Float32Array): void {
  const { channels, height, width, kernel, stride, repeat } = view;
  if (kernel === undefined) {
    into.set(image);
    return;
  }
  let at = 0;
  for (let y = 0; y + kernel <= height; y += stride)
    for (let x = 0; x + kernel <= width; x += stride)
      for (let c = 0; c < channels * repeat; c++)
        for (let row = 0; row < kernel; row++) {
          const start = ((c % channels) * height + y + row) * width + x;
          into.set(image.subarray(start, start + kernel), at);
          at += kernel;
        }
}

/**
 * The principal axes of what a first layer sees of images.
 * @param pixels prepared images one after another, `[images, channels × height × width]`.
 * @throws Interrupted when the signal aborts.
 */
export async function imageAxes(
  pixels: Float32Array,
  view: ImageView,
  device: Device,
  signal?: AbortSignal,
): Promise<InputAxes> {
  const { channels, height, width, kernel, stride, repeat } = view;
  const size = channels * height * width;
  const images = pixels.length / size;
  const seen = kernel === undefined ? size : channels * repeat * kernel ** 2;
  const along = (length: number) => (kernel === undefined ? 1 : Math.floor((length - kernel) / stride) + 1);
  const windows = along(height) * along(width);
  const used = kernel === undefined ? images : Math.min(images, MAX_IMAGES);
  const count = used * windows;
  const batch = Math.min(BATCH, used);
  const rows = new Float32Array(batch * windows * seen);
  const x = input("x", [batch * windows, seen]);
  const program = await compile({ products: gemm(x, x, { transA: true }) }, device);
  const mean = new Float64Array(seen);
  const covariance = new Float64Array(seen * seen);
  const eachBatch = async (visit: (n: number) => void | Promise<void>) => {
    for (let start = 0; start < used; start += batch) {
      const n = Math.min(batch, used - start);
      await yieldToEvents(signal);
      rows.fill(0);
      for (let k = 0; k < n; k++) {
        const from = size * Math.floor(((start + k) * images) / used);
        copyWindows(pixels.subarray(from, from + size), view, rows.subarray(k * windows * seen));
      }
      await visit(n * windows);
    }
  };
  try {
    await eachBatch((n) => {
      for (let k = 0; k < n; k++) for (let i = 0; i < seen; i++) mean[i]! += rows[k * seen + i]! / count;
    });
    await eachBatch(async (n) => {
      for (let k = 0; k < n; k++) for (let i = 0; i < seen; i++) rows[k * seen + i]! -= mean[i]!;
      const products = (await program.run({ x: rows })).products as Float32Array;
      for (let i = 0; i < covariance.length; i++) covariance[i]! += products[i]! / count;
    });
  } finally {
    await program.release();
  }
  return principalAxes(mean, covariance, signal);
}
