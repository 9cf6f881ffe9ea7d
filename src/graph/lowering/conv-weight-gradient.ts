/**
 * How the gradient of a convolution with respect to its weight is computed: from x `[batch, in, …]` and the gradient y
 * `[batch, out, …]` of its result, as matrix products. Three ways, by what there is of channels and taps.
 */

import { add } from "../ops/elementwise.ts";
import { matMul, matMulByTransposed } from "../ops/linear.ts";
import { reduceSum } from "../ops/reduce.ts";
import { concat, flip, pad, reshape, slice, transpose } from "../ops/shape.ts";
import { constant, type Shape, sizeOf, type Tensor } from "../tensor.ts";

/** How a kernel is laid over the input, the same at both ends of every spatial axis. */
export interface ConvGeometry {
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

export interface WeightGeometry extends ConvGeometry {
  /** Spatial shape of the kernel. */
  readonly kernel: Shape;
}

export const spatialAxes = (x: Tensor): number[] => x.shape.slice(2).map((_, i) => i + 2);

/** Every position in a kernel, in row-major order. */
export function tapsOf(kernel: Shape): number[][] {
  return kernel.reduce<number[][]>(
    (all, k) => all.flatMap((tap) => Array.from({ length: k }, (_, i) => [...tap, i])),
    [[]],
  );
}

/** A convolution of x `[batch, in, …]` with w `[out, in, …]`. */
type Convolve = (x: Tensor, w: Tensor, options: Pick<ConvGeometry, "stride" | "padding">) => Tensor;

/**
 * The weight gradient `[out, in / groups, …kernel]`.
 * @param conv lays out patches.
 */
export function weightProducts(x: Tensor, y: Tensor, geometry: WeightGeometry, conv: Convolve): Tensor {
  const { groups, kernel, stride, padding } = geometry;
  const [into, out] = [x.shape[1]!, y.shape[1]!];
  if (groups > 1 && into === groups && out === groups && kernel.length === 2) return diagonals(x, y, geometry);
  const patch = into * sizeOf(kernel);
  if (groups === 1 && SMALL.least <= patch && patch <= SMALL.most) return patchProducts(x, y, geometry, conv);
  // Shifting x one way against y is shifting y the other way against x. What is shifted is copied for every tap, so where y
  // has far fewer channels, it is y: 62 ms become 7 for 64 channels to one (batch 50, length 2048, kernel 7).
  const [size] = kernel as [number];
  if (groups === 1 && stride === 1 && FEWER * out <= into && kernel.every((k) => k === size) && padding < size) {
    const turned = shiftedProducts(y, x, { ...geometry, padding: size - 1 - padding });
    return flip(transpose(turned, [1, 0, ...spatialAxes(x)]), kernel.length);
  }
  return shiftedProducts(x, y, geometry);
}

/** Numbers in a patch of the input that a kernel covers, where patches are best laid out whole. */
const SMALL = { least: 16, most: 64 };

/**
 * The weight gradient of a kernel that covers few numbers: a convolution whose kernels are 1 at one of them and 0 elsewhere lays
 * out every patch. For one channel to 64 (kernel 4, stride 2, batch 128, 32 × 32) it takes 0.6 ms where a product for each tap takes 3.8.
 */
function patchProducts(x: Tensor, y: Tensor, { stride, padding, kernel }: WeightGeometry, conv: Convolve): Tensor {
  const [batch, into] = x.shape as [number, number];
  const [, out, ...size] = y.shape as [number, number, ...number[]];
  const count = into * sizeOf(kernel);
  const one = new Float32Array(count * count);
  for (let i = 0; i < count; i++) one[i * (count + 1)] = 1;
  const patches = conv(x, constant(one, [count, into, ...kernel]), { stride, padding });
  const rows = (t: Tensor, channels: number) => reshape(t, [batch, channels, sizeOf(size)]);
  const products = matMulByTransposed(rows(y, out), rows(patches, count));
  return reshape(reduceSum(products, { axes: [0] }), [out, into, ...kernel]);
}

/** So many times fewer channels are far fewer. */
const FEWER = 4;

/**
 * With fewer channels than this, but more than one, a product of all taps together is faster than one for each: 8 ms against
 * 19 for 3 channels to 64 (batch 64, 32 × 32, kernel 3), but 7 against 4 for 16 to 32 (batch 128, 15 × 15).
 */
const NARROW = 16;

/**
 * The weight gradient as matrix products: for each tap of the kernel the output's gradient `[out, positions]` times
 * the input shifted by that tap `[positions, in]`. With channels last every shift copies whole rows.
 */
function shiftedProducts(x: Tensor, y: Tensor, { stride, padding, groups, kernel }: WeightGeometry): Tensor {
  const batch = x.shape[0]!;
  const into = x.shape[1]! / groups;
  const out = y.shape[1]! / groups;
  const size = y.shape.slice(2);
  const positions = sizeOf(size) * batch;
  const axes = spatialAxes(x);

  const margin = axes.map(() => padding);
  const padded = pad(x, { axes, before: margin, after: margin });
  const space = padded.shape.slice(2);
  // [groups, batch, …, in]
  const last = reshape(transpose(reshape(padded, [batch, groups, into, sizeOf(space)]), [1, 0, 3, 2]), [
    groups,
    batch,
    ...space,
    into,
  ]);
  const g = reshape(transpose(reshape(y, [batch, groups, out, sizeOf(size)]), [1, 2, 0, 3]), [groups, out, positions]);

  const shifted = tapsOf(kernel).map((tap) =>
    reshape(
      slice(last, {
        axes,
        starts: tap,
        ends: tap.map((t, i) => t + (size[i]! - 1) * stride + 1),
        steps: kernel.map(() => stride),
      }),
      [groups, positions, into],
    ),
  );
  const products =
    1 < into && into < NARROW
      ? matMul(g, concat(shifted, 2))
      : concat(
          shifted.map((v) => matMul(g, v)),
          2,
        );
  // [groups, out, taps × in] → [groups × out, in, …kernel]
  const apart = reshape(products, [groups * out, sizeOf(kernel), into]);
  return reshape(transpose(apart, [0, 2, 1]), [groups * out, into, ...kernel]);
}

/**
 * The weight gradient of a depthwise convolution. Of one channel, tap (i, j) is the sum over rows h and columns w of
 * y[h, w] x[s h + i, s w + j]: for every j a product of the matrices y and x, summed along diagonal i. The product
 * computes all rows against all others, of which the diagonals are a small part, and is still ten times as fast on
 * ConvNeXt's maps of 56 × 56 as a product for each tap, which is a dot product of single channels.
 */
function diagonals(x: Tensor, y: Tensor, { stride, padding, kernel }: WeightGeometry): Tensor {
  const [batch, channels, rows, columns] = y.shape as [number, number, number, number];
  const [high, wide] = kernel as [number, number];
  const margin = [padding, padding];
  const padded = pad(x, { axes: [2, 3], before: margin, after: margin });
  const [above, beside] = padded.shape.slice(2) as [number, number];
  const planes = batch * channels;
  const turned = transpose(reshape(padded, [planes, above, beside]), [0, 2, 1]);
  const shifted = Array.from({ length: wide }, (_, j) =>
    slice(turned, { axes: [1], starts: [j], ends: [j + (columns - 1) * stride + 1], steps: [stride] }),
  );
  const width = wide * above;
  const products = matMul(reshape(y, [planes, rows, columns]), concat(shifted, 2)); // [planes, rows, wide × above]

  // In memory, an element of row h + 1 on the same diagonal lies `width + stride` after that of row h.
  const flat = reshape(products, [batch, channels, rows * width]);
  const skewed = width + stride;
  const most = (rows - 1) * skewed;
  const last = slice(flat, { axes: [2], starts: [most], ends: [rows * width] });
  let sums = reduceSum(last, { axes: [0] });
  sums = pad(sums, { axes: [1], before: [0], after: [width - sums.shape[1]!] });
  if (rows > 1) {
    const others = slice(flat, { axes: [2], starts: [0], ends: [most] });
    const summed = reduceSum(reshape(others, [batch, channels, rows - 1, skewed]), { axes: [0, 2] });
    sums = add(sums, slice(summed, { axes: [1], starts: [0], ends: [width] }));
  }
  const taps = slice(reshape(sums, [channels, wide, above]), { axes: [2], starts: [0], ends: [high] });
  return reshape(transpose(taps, [0, 2, 1]), [channels, 1, high, wide]);
}
