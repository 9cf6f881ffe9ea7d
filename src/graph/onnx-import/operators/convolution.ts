/** ONNX's operators that slide a window: convolutions, pools, Col2Im. */
import { conv, convTranspose } from "../../ops/conv.ts";
import { pad, reshape, slice } from "../../ops/shape.ts";
import { constant, sizeOf, type Tensor } from "../../tensor.ts";
import type { BoundNode } from "../bound-node.ts";
import { checkMade } from "../constants.ts";
import { averagePool, maximumPool } from "../pools.ts";
import { elementAt, refuse } from "../refuse.ts";
import { type AxisWindow, allEqual, windowsOf } from "../windows.ts";
import { type OperatorTable, sizeAlong, spatialOf } from "./operator.ts";

function convolution({ attributes, tensor, has }: BoundNode): Tensor {
  const [x, w] = [tensor(0), tensor(1)];
  const bias = has(2) ? { bias: tensor(2) } : {};
  const groups = attributes.int("group", 1);
  const windows = windowsOf(attributes, w.shape.slice(2), x.shape.slice(2));
  const kernel = dilated(w, windows);
  const { input, padding } = padded(x, windows);
  const strides = windows.map((window) => window.stride);
  const stride = elementAt(strides, 0);
  if (allEqual(strides)) return conv(input, kernel, { stride, padding, groups, ...bias });
  // Strides that differ: computes every position, then keeps those that the strides reach.
  const all = conv(input, kernel, { padding, groups, ...bias });
  const axes = spatialOf(all);
  return slice(all, { axes, starts: axes.map(() => 0), ends: all.shape.slice(2), steps: strides });
}

/** A kernel with zeros between its taps. */
function dilated(w: Tensor, windows: readonly AxisWindow[]): Tensor {
  let kernel = w;
  windows.forEach(({ dilation }, i) => {
    const axis = i + 2;
    const taps = sizeAlong(kernel, axis);
    if (dilation === 1 || taps === 1) return;
    const spread = pad(reshape(kernel, kernel.shape.toSpliced(axis, 1, taps, 1)), {
      axes: [axis + 1],
      before: [0],
      after: [dilation - 1],
    });
    const joined = reshape(spread, kernel.shape.with(axis, taps * dilation));
    kernel = slice(joined, { axes: [axis], starts: [0], ends: [(taps - 1) * dilation + 1] });
  });
  return kernel;
}

/** Leaves padding that is equal on all sides to the convolution; adds any other first. */
function padded(x: Tensor, windows: readonly AxisWindow[]): { input: Tensor; padding: number } {
  const before = windows.map((window) => window.before);
  const after = windows.map((window) => window.after);
  if (allEqual([...before, ...after])) return { input: x, padding: elementAt(before, 0) };
  return { input: pad(x, { axes: spatialOf(x), before, after }), padding: 0 };
}

function transposedConvolution({ attributes, tensor, has }: BoundNode): Tensor {
  const [x, w] = [tensor(0), tensor(1)];
  const windows = windowsOf(attributes, w.shape.slice(2), x.shape.slice(2));
  const strides = windows.map((window) => window.stride);
  const pads = windows.flatMap(({ before, after }) => [before, after]);
  const extra = attributes.ints("output_padding") ?? strides.map(() => 0);
  if (![strides, pads, extra].every(allEqual) || windows.some(({ dilation }) => dilation !== 1))
    return refuse("it has a ConvTranspose whose strides, pads or dilations differ, which is not supported");
  return convTranspose(x, w, {
    stride: elementAt(strides, 0),
    padding: elementAt(pads, 0),
    outputPadding: elementAt(extra, 0),
    groups: attributes.int("group", 1),
    ...(has(2) && { bias: tensor(2) }),
  });
}

/**
 * Col2Im: adds patches `[batch, channels × taps, positions]` up to an image. It is a transposed
 * convolution whose kernel has a single one for each tap.
 */
function imageOfPatches({ attributes, tensor, requiredNumbers }: BoundNode): Tensor {
  const x = tensor(0);
  const [image, block] = [requiredNumbers(1), requiredNumbers(2)];
  const pads = attributes.ints("pads") ?? image.flatMap(() => [0, 0]);
  const strides = attributes.ints("strides") ?? image.map(() => 1);
  const [stride, padding] = [elementAt(strides, 0), elementAt(pads, 0)];
  const differ = !allEqual(strides) || !allEqual(pads);
  if (differ || attributes.ints("dilations")?.some((d) => d !== 1))
    return refuse("it has a Col2Im whose strides or pads differ, or with dilations, which is not supported");
  const taps = sizeOf(block);
  const [batch, rows] = [sizeAlong(x, 0), sizeAlong(x, 1)];
  const axes = image.map((size, i) => {
    const kernel = elementAt(block, i);
    const positions = Math.floor((size + 2 * padding - kernel) / stride) + 1;
    return { positions, uncovered: size - ((positions - 1) * stride - 2 * padding + kernel) };
  });
  const uncovered = axes.map((axis) => axis.uncovered);
  if (!allEqual(uncovered)) return refuse("it has a Col2Im of an image whose sides are cut differently");
  checkMade([rows, taps]);
  const kernel = new Float32Array(rows * taps);
  for (let row = 0; row < rows; row++) kernel[row * taps + (row % taps)] = 1;
  const grid = reshape(x, [batch, rows, ...axes.map(({ positions }) => positions)]);
  return convTranspose(grid, constant(kernel, [rows, 1, ...block]), {
    stride,
    padding,
    outputPadding: elementAt(uncovered, 0),
    groups: rows / taps,
  });
}

/** The operators of this family. */
export const convolutionOperators: OperatorTable = {
  AveragePool: (node) => averagePool(node.tensor(0), node.attributes),
  Col2Im: imageOfPatches,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: (node) => maximumPool(node.tensor(0), node.attributes),
};
