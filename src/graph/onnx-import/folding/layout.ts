/** Folds that change the shape, the order or the size of a value. */
import { type Shape, sizeOf } from "../../tensor.ts";
import { axisOf } from "../attributes.ts";
import type { Known } from "../constants.ts";
import { reshapedShape, squeezedShape, unsqueezedShape } from "../operators/layout.ts";
import { elementAt, refuse } from "../refuse.ts";
import {
  broadcastKnown,
  broadcastOf,
  type Fold,
  type FoldTable,
  makeKnown,
  pickElements,
  stridesOf,
  visitElements,
} from "./fold.ts";

const withShape = (x: Known, shape: Shape): Known => ({ ...x, shape });

const transposed: Fold = ({ known, attributes }) => {
  const x = known(0);
  const order = attributes.ints("perm") ?? x.shape.map((_, i) => i).reverse();
  const strides = stridesOf(x.shape);
  const shape = order.map((axis) => elementAt(x.shape, axis));
  const moved = order.map((axis) => elementAt(strides, axis));
  return pickElements(x, shape, (visit) => visitElements(shape, moved, visit));
};

const concatenated: Fold = ({ known, has, attributes }) => {
  const parts: Known[] = [];
  for (let i = 0; has(i); i++) parts.push(known(i));
  const [first = refuse("it has a Concat of nothing")] = parts;
  const axis = axisOf(attributes.int("axis", 0), first.shape.length);
  const joins = ({ shape }: Known) =>
    shape.length === first.shape.length && shape.every((d, i) => i === axis || d === first.shape[i]);
  const odd = parts.find((part) => !joins(part));
  if (odd !== undefined) refuse(`it joins tensors of shapes [${first.shape}] and [${odd.shape}] along axis ${axis}`);
  const total = parts.reduce((sum, part) => sum + elementAt(part.shape, axis), 0);
  const shape = first.shape.with(axis, total);
  const outer = sizeOf(shape.slice(0, axis));
  return makeKnown(first.dtype, shape, (data) => {
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (const part of parts) {
        const length = sizeOf(part.shape.slice(axis));
        data.set(part.data.subarray(o * length, (o + 1) * length), at);
        at += length;
      }
  });
};

/** The folds of this family. */
export const layoutFolds: FoldTable = {
  Identity: ({ known }) => known(0),
  Reshape: ({ known, requiredNumbers, attributes }) => {
    const x = known(0);
    const wanted = requiredNumbers(1, "shape");
    return withShape(x, reshapedShape(x.shape, wanted, attributes.int("allowzero", 0) === 1));
  },
  Squeeze: ({ known, numbersOr }) => withShape(known(0), squeezedShape(known(0).shape, numbersOr(1, "axes"))),
  Unsqueeze: ({ known, requiredNumbers }) =>
    withShape(known(0), unsqueezedShape(known(0).shape, requiredNumbers(1, "axes"))),
  Expand: ({ known, requiredNumbers }) => broadcastKnown(known(0), broadcastOf(known(0).shape, requiredNumbers(1))),
  Transpose: transposed,
  Concat: concatenated,
};
