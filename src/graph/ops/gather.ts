/** Rows of a table by index, and one-hot rows. */
import { at } from "../../lookup.ts";
import { apply, constant, describe, type Op, shapeError, type Tensor } from "../tensor.ts";
import { cast, equal, indicator } from "./elementwise.ts";
import { matMul } from "./linear.ts";
import { reshape, transpose } from "./shape.ts";

const gatherOp: Op<[Tensor, Tensor]> = {
  name: "gather",
  infer: ([table, indices]) => {
    const [[, width], [count]] = [table.shape, indices.shape];
    const ranks = table.shape.length === 2 && indices.shape.length === 1;
    if (!ranks || width === undefined || count === undefined || !indices.dtype.startsWith("int"))
      throw shapeError(
        "gather",
        `takes rows of a table [rows, width] by int indices [count], got ${describe(table)} and ${describe(indices)}`,
      );
    return [{ shape: [count, width], dtype: table.dtype }];
  },
  onnx: () => ({ type: "Gather", attributes: { axis: 0 } }),
  // Rows may be taken more than once, and then their gradients add up: a product with the one-hot
  // matrix does that.
  gradient: ({ inputs: [table, indices] }, [g]) => [
    matMul(transpose(oneHot(indices, at(table.shape, 0)), [1, 0]), g),
    undefined,
  ],
};

/** Rows `indices` (integers `[count]`) of a table `[rows, width]`. */
export const gather = (table: Tensor, indices: Tensor): Tensor => apply(gatherOp, [table, indices], {})[0];

/** One-hot rows `[count, classes]` float32 of int32 labels `[count]`. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  const range = constant(
    Int32Array.from({ length: classes }, (_, i) => i),
    [1, classes],
  );
  return indicator(equal(reshape(cast(labels, "int32"), [at(labels.shape, 0), 1]), range));
}
