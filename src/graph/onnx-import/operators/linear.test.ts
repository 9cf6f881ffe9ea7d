import { float, int, text } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, outputOf } from "../../../../test/support/onnx-node.ts";
import { filled, itComputes, itRefuses, matrix } from "../../../../test/support/op-suites.ts";
import { input, type Tensor } from "../../tensor.ts";
import { linearOperators } from "./linear.ts";

const made = (op: string, inputs: readonly Tensor[], attributes: readonly Attribute[] = []): Tensor =>
  outputOf(linearOperators[op], bind(inputs, attributes));

const a = matrix([
  [1, 2],
  [3, 4],
]);
const b = matrix([
  [1, 0, 2],
  [0, 1, 3],
]);
const v = filled([2], [1, 10]);
const stack = filled([2, 1, 2], [1, 2, 3, 4]);

itComputes({
  "MatMul of matrices": [made("MatMul", [a, b]), [2, 3], [1, 2, 8, 3, 4, 18]],
  "MatMul by a vector": [made("MatMul", [a, v]), [2], [21, 43]],
  "MatMul of a vector": [made("MatMul", [v, a]), [2], [31, 42]],
  "MatMul of vectors": [made("MatMul", [v, v]), [], [101]],
  "MatMul of a batch by one matrix": [made("MatMul", [stack, b]), [2, 1, 3], [1, 2, 8, 3, 4, 18]],
  "MatMul of batches that broadcast": [
    made("MatMul", [stack, filled([3, 1, 2, 1], [1, 0, 0, 1, 1, 1])]),
    [3, 2, 1, 1],
    [1, 3, 2, 4, 3, 7],
  ],
  Gemm: [made("Gemm", [a, b]), [2, 3], [1, 2, 8, 3, 4, 18]],
  "Gemm, scaled and transposed, with a column added": [
    made(
      "Gemm",
      [a, a, matrix([[1], [2]])],
      [float("alpha", 2), float("beta", 10), int("transA", 1), int("transB", 1)],
    ),
    [2, 2],
    [24, 40, 40, 64],
  ],
  "Gemm that leaves its third input out": [made("Gemm", [a, b, v], [float("beta", 0)]), [2, 3], [1, 2, 8, 3, 4, 18]],
  Einsum: [made("Einsum", [a, b], [text("equation", "ij,jk->ki")]), [3, 2], [1, 3, 2, 4, 8, 18]],
});

itRefuses({
  "matrices that do not fit": [
    () => made("MatMul", [input("x", [2, 3]), input("y", [2, 3])]),
    "matMul: cannot multiply [1, 2, 3] by [1, 2, 3]",
  ],
});
