/**
 * The gradient of a convolution with respect to its weight as matrix products, from x
 * `[batch, in, …]` and the gradient y `[batch, out, …]` of its result: three ways, chosen by the
 * numbers of channels and taps.
 */

import { at } from "../../lookup.ts";
import { reduceSum } from "../ops/broadcast.ts";
import { conv, weightAdjointOp } from "../ops/conv.ts";
import { add } from "../ops/elementwise.ts";
import { tapsOf, type WeightGeometry } from "../ops/kernel.ts";
import { matMul, matMulByTransposed } from "../ops/linear.ts";
import { concat, pad, reshape, slice, transpose } from "../ops/shape.ts";
import { constant, sizeOf, spatialAxes, spatialOf, type Tensor } from "../tensor.ts";
import { flip } from "./interleave.ts";
import { ruleFor } from "./rule.ts";

/** Numbers in a patch of the input that a kernel covers, for which patches are laid out whole. */
const SMALL_PATCH = { min: 16, max: 64 };

/**
 * For a kernel that covers few numbers: a convolution whose kernels are 1 at one of them and 0
 * elsewhere lays out every patch. For one channel to 64 (kernel 4, stride 2, batch 128, 32 × 32) it
 * takes 0.6 ms; a product for each tap 3.8.
 */
export const patchWeight = ruleFor(weightAdjointOp, ({ inputs: [x, y], attributes }) => {
  const { stride, padding, groups, kernel } = attributes;
  const [batch, into, out] = [at(x.shape, 0), at(x.shape, 1), at(y.shape, 1)];
  const count = into * sizeOf(kernel);
  if (groups > 1 || count < SMALL_PATCH.min || count > SMALL_PATCH.max) return undefined;
  const one = new Float32Array(count * count);
  for (let i = 0; i < count; i++) one[i * (count + 1)] = 1;
  const patches = conv(x, constant(one, [count, into, ...kernel]), { stride, padding });
  const rows = (t: Tensor, channels: number) => reshape(t, [batch, channels, sizeOf(spatialOf(y))]);
  const products = matMulByTransposed(rows(y, out), rows(patches, count));
  return reshape(reduceSum(products, { axes: [0] }), [out, into, ...kernel]);
});

/** Fewer channels by this factor decide which operand is shifted. */
const MUCH_FEWER = 4;

/**
 * For every tap a product of y and the input shifted by that tap. Shifting x one way against y is
 * shifting y the other way against x. The shifted operand is copied for every tap, so it is y where
 * that has far fewer channels: 7 ms instead of 62 for 64 channels to one (batch 50, length 2048,
 * kernel 7).
 */
export const shiftedWeight = ruleFor(weightAdjointOp, ({ inputs: [x, y], attributes }) => {
  const { groups, kernel, stride, padding } = attributes;
  const [into, out, size] = [at(x.shape, 1), at(y.shape, 1), at(kernel, 0)];
  const isUniform = kernel.every((k) => k === size) && padding < size;
  if (groups === 1 && stride === 1 && MUCH_FEWER * out <= into && isUniform) {
    const turned = shiftedProducts(y, x, { ...attributes, padding: size - 1 - padding });
    return flip(transpose(turned, [1, 0, ...spatialAxes(x)]), kernel.length);
  }
  return shiftedProducts(x, y, attributes);
});

/**
 * With fewer channels than this, but more than one, a product of all taps together is faster than
 * one for each: 8 ms against 19 for 3 channels to 64 (batch 64, 32 × 32, kernel 3), but 7 against 4
 * for 16 to 32 (batch 128, 15 × 15).
 */
const NARROW = 16;

/**
 * For each tap of the kernel the gradient `[out, positions]` times the input shifted by that tap
 * `[positions, in]`. With channels last every shift copies whole rows.
 */
function shiftedProducts(x: Tensor, y: Tensor, { stride, padding, groups, kernel }: WeightGeometry): Tensor {
  const batch = at(x.shape, 0);
  const [into, out] = [at(x.shape, 1) / groups, at(y.shape, 1) / groups];
  const size = spatialOf(y);
  const positions = sizeOf(size) * batch;
  const axes = spatialAxes(x);

  const margin = axes.map(() => padding);
  const padded = pad(x, { axes, before: margin, after: margin });
  const space = spatialOf(padded);
  const channelsLast = transpose(reshape(padded, [batch, groups, into, sizeOf(space)]), [1, 0, 3, 2]);
  const last = reshape(channelsLast, [groups, batch, ...space, into]);
  const g = reshape(transpose(reshape(y, [batch, groups, out, sizeOf(size)]), [1, 2, 0, 3]), [groups, out, positions]);

  const shifted = tapsOf(kernel).map((tap) => {
    const ends = tap.map((t, i) => t + (at(size, i) - 1) * stride + 1);
    const seen = slice(last, { axes, starts: tap, ends, steps: kernel.map(() => stride) });
    return reshape(seen, [groups, positions, into]);
  });
  const apart = () => shifted.map((v) => matMul(g, v));
  const products = 1 < into && into < NARROW ? matMul(g, concat(shifted, 2)) : concat(apart(), 2);
  // [groups, out, taps × in] → [groups × out, in, …kernel]
  const rows = reshape(products, [groups * out, sizeOf(kernel), into]);
  return reshape(transpose(rows, [0, 2, 1]), [groups * out, into, ...kernel]);
}

/**
 * For a depthwise convolution of two axes. Of one channel, tap (i, j) is the sum over rows h and
 * columns w of y[h, w] x[s h + i, s w + j]: for every j a product of the matrices y and x, summed
 * along diagonal i. The product computes all rows against all others, of which the diagonals are a
 * small part. It is still ten times as fast on ConvNeXt's maps of 56 × 56 as a product for each
 * tap, which is a dot product of single channels.
 */
export const depthwiseWeight = ruleFor(weightAdjointOp, ({ inputs: [x, y], attributes }) => {
  const { stride, padding, groups, kernel } = attributes;
  const [high, wide, more] = kernel;
  const isDepthwise = groups > 1 && x.shape[1] === groups && y.shape[1] === groups;
  if (!isDepthwise || high === undefined || wide === undefined || more !== undefined) return undefined;
  const [batch, channels, rows, columns] = [at(y.shape, 0), at(y.shape, 1), at(y.shape, 2), at(y.shape, 3)];
  const margin = [padding, padding];
  const padded = pad(x, { axes: [2, 3], before: margin, after: margin });
  const [above, beside] = [at(padded.shape, 2), at(padded.shape, 3)];
  const planes = batch * channels;
  const turned = transpose(reshape(padded, [planes, above, beside]), [0, 2, 1]);
  const shifted = Array.from({ length: wide }, (_, j) =>
    slice(turned, { axes: [1], starts: [j], ends: [j + (columns - 1) * stride + 1], steps: [stride] }),
  );
  const width = wide * above;
  const products = matMul(reshape(y, [planes, rows, columns]), concat(shifted, 2)); // [planes, rows, wide × above]

  // In memory, an element of row h + 1 on the same diagonal lies `width + stride` after that of row
  // h.
  const flat = reshape(products, [batch, channels, rows * width]);
  const skewed = width + stride;
  const head = (rows - 1) * skewed;
  const last = slice(flat, { axes: [2], starts: [head], ends: [rows * width] });
  let sums = reduceSum(last, { axes: [0] });
  sums = pad(sums, { axes: [1], before: [0], after: [width - at(sums.shape, 1)] });
  if (rows > 1) {
    const others = slice(flat, { axes: [2], starts: [0], ends: [head] });
    const summed = reduceSum(reshape(others, [batch, channels, rows - 1, skewed]), { axes: [0, 2] });
    sums = add(sums, slice(summed, { axes: [1], starts: [0], ends: [width] }));
  }
  const taps = slice(reshape(sums, [channels, wide, above]), { axes: [2], starts: [0], ends: [high] });
  return reshape(transpose(taps, [0, 2, 1]), [channels, 1, high, wide]);
});
