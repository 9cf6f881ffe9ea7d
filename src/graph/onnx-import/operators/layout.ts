/** ONNX's operators that change the shape, the order or the size of a tensor. */

import { expand } from "../../ops/broadcast.ts";
import { concat, pad, reshape, slice, split, transpose } from "../../ops/shape.ts";
import { type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { axisOf } from "../attributes.ts";
import type { BoundNode } from "../bound-node.ts";
import { checkSize } from "../constants.ts";
import { elementAt, refuse } from "../refuse.ts";
import { resize } from "../resample.ts";
import { broadcastShape, broadcastTo } from "./broadcast.ts";
import { type OperatorTable, rankOf, sizeAlong } from "./operator.ts";

/**
 * The shape that a reshape asks for: 0 stands for the input's own dimension, −1 for the rest.
 * @param shape of the input.
 * @param keepsZeros whether a 0 is a dimension of size 0 (`allowzero`).
 */
export function reshapedShape(shape: Shape, wanted: readonly number[], keepsZeros: boolean): Shape {
  const size = sizeOf(shape);
  const result = wanted.map((d, i) =>
    d === 0 && !keepsZeros ? (shape[i] ?? refuse("it reshapes to more dimensions than it has")) : d,
  );
  const rest = result.indexOf(-1);
  if (rest >= 0) result[rest] = size / result.reduce((product, d) => (d === -1 ? product : product * d), 1);
  if (result.some((d) => !Number.isInteger(d) || d < 0) || sizeOf(result) !== size)
    refuse(
      `it reshapes [${shape.join(", ")}] to [${wanted.join(", ")}], which has another size; if the first number is a batch that was fixed, export the model with a dynamic batch dimension`,
    );
  return result;
}

/**
 * A shape without the named axes.
 * @param axes all axes of size 1 when undefined.
 */
export function squeezedShape(shape: Shape, axes: readonly number[] | undefined): Shape {
  const removed = axes && new Set(axes.map((axis) => axisOf(axis, shape.length)));
  return shape.filter((d, i) => (removed === undefined ? d !== 1 : !removed.has(i)));
}

/** A shape with axes of size 1 inserted; `axes` are counted in the result. */
export function unsqueezedShape(shape: Shape, axes: readonly number[]): Shape {
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  const rest = shape.values();
  return Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.next().value ?? 1)));
}

function flattened({ tensor, attributes }: BoundNode): Tensor {
  const x = tensor(0);
  const axis = attributes.int("axis", 1);
  const rows = sizeOf(x.shape.slice(0, axis < 0 ? axis + rankOf(x) : axis));
  return reshape(x, [rows, sizeOf(x.shape) / rows]);
}

function splitUp({ attributes, tensor, numbersOr, outputs }: BoundNode): readonly Tensor[] {
  const x = tensor(0);
  const axis = axisOf(attributes.int("axis", 0), rankOf(x));
  const size = sizeAlong(x, axis);
  const each = Math.ceil(size / outputs);
  const sizes = numbersOr(1, "split") ?? Array.from({ length: outputs }, (_, i) => Math.min(each, size - i * each));
  return split(x, sizes, axis);
}

/** Pads with a constant; a negative amount cuts away. */
function padded({ attributes, tensor, numbers, requiredNumbers }: BoundNode): Tensor {
  const x = tensor(0);
  const mode = attributes.text("mode", "constant");
  const amounts = requiredNumbers(1, "pads");
  const axes = numbers(3)?.map((axis) => axisOf(axis, rankOf(x))) ?? x.shape.map((_, i) => i);
  const [before, after] = [amounts.slice(0, axes.length), amounts.slice(axes.length)];
  if (mode !== "constant") return refuse(`it pads in the mode ${mode}, which is not supported`);
  const value = numbers(2)?.[0] ?? attributes.float("value", 0);
  const cut = slice(x, {
    axes,
    starts: before.map((n) => Math.max(0, -n)),
    ends: axes.map((axis, i) => sizeAlong(x, axis) - Math.max(0, -elementAt(after, i))),
  });
  return pad(cut, {
    axes,
    before: before.map((n) => Math.max(0, n)),
    after: after.map((n) => Math.max(0, n)),
    value,
  });
}

/** Repeats a tensor along every axis. */
function tiled({ tensor, requiredNumbers }: BoundNode): Tensor {
  const x = tensor(0);
  const repeats = requiredNumbers(1);
  const shape = checkSize(x.shape.map((d, i) => d * elementAt(repeats, i)));
  const apart = x.shape.flatMap((d) => [1, d]);
  const repeated = x.shape.flatMap((d, i) => [elementAt(repeats, i), d]);
  return reshape(expand(reshape(x, apart), repeated), shape);
}

/** The four dimensions of a batch of maps. */
function mapShape({ shape }: Tensor, op: string): readonly [number, number, number, number] {
  const [n, c, h, w] = shape;
  if (n === undefined || c === undefined || h === undefined || w === undefined || shape.length > 4)
    return refuse(`it has a ${op} of a tensor of ${shape.length} dimensions, expected 4`);
  return [n, c, h, w];
}

/** Moves channels into space, in either of ONNX's orders. */
function depthToSpace({ attributes, tensor }: BoundNode): Tensor {
  const x = tensor(0);
  const b = attributes.int("blocksize", 1);
  const [n, c, h, w] = mapShape(x, "DepthToSpace");
  const depthFirst = attributes.text("mode", "DCR") === "DCR";
  const parts = reshape(x, depthFirst ? [n, b, b, c / b ** 2, h, w] : [n, c / b ** 2, b, b, h, w]);
  const order = depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return reshape(transpose(parts, order), [n, c / b ** 2, h * b, w * b]);
}

/** Moves space into channels. */
function spaceToDepth({ attributes, tensor }: BoundNode): Tensor {
  const x = tensor(0);
  const b = attributes.int("blocksize", 1);
  const [n, c, h, w] = mapShape(x, "SpaceToDepth");
  const parts = transpose(reshape(x, [n, c, h / b, b, w / b, b]), [0, 3, 5, 1, 2, 4]);
  return reshape(parts, [n, c * b ** 2, h / b, w / b]);
}

function resized({ tensor, numbers, attributes, opset }: BoundNode): Tensor {
  if (opset < 11) return refuse("it resizes as before version 11, which is not supported");
  // Exporters may write an input that is left out as an empty one.
  const given = (i: number) => {
    const list = numbers(i);
    return list !== undefined && list.length > 0 ? list : undefined;
  };
  return resize(tensor(0), { attributes, scales: given(2), sizes: given(3) });
}

/** The operators of this family. */
export const layoutOperators: OperatorTable = {
  Concat: ({ tensors, attributes }) => {
    const [first = refuse("it has a Concat of nothing"), ...others] = tensors();
    return concat([first, ...others], axisOf(attributes.int("axis", 0), rankOf(first)));
  },
  DepthToSpace: depthToSpace,
  Expand: ({ tensor, requiredNumbers }) => {
    const x = tensor(0);
    return broadcastTo(x, broadcastShape(x.shape, requiredNumbers(1)));
  },
  Flatten: flattened,
  Pad: padded,
  Reshape: ({ tensor, requiredNumbers, attributes }) => {
    const x = tensor(0);
    const wanted = requiredNumbers(1, "shape");
    return reshape(x, reshapedShape(x.shape, wanted, attributes.int("allowzero", 0) === 1));
  },
  Resize: resized,
  SpaceToDepth: spaceToDepth,
  Split: splitUp,
  Squeeze: ({ tensor, numbersOr }) => {
    const x = tensor(0);
    return reshape(x, squeezedShape(x.shape, numbersOr(1, "axes")));
  },
  Tile: tiled,
  Transpose: ({ tensor, attributes }) => {
    const x = tensor(0);
    return transpose(x, attributes.ints("perm") ?? x.shape.map((_, i) => i).reverse());
  },
  Unsqueeze: ({ tensor, requiredNumbers }) => {
    const x = tensor(0);
    return reshape(x, unsqueezedShape(x.shape, requiredNumbers(1, "axes")));
  },
};
