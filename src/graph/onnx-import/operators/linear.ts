/** ONNX's matrix products. */
import { add, mul } from "../../ops/elementwise.ts";
import { gemm, matMul } from "../../ops/linear.ts";
import { reshape } from "../../ops/shape.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";
import type { BoundNode } from "../bound-node.ts";
import { einsum } from "../einsum.ts";
import { broadcastShape, broadcastTo } from "./broadcast.ts";
import { binary, type OperatorTable, rankOf, sizeAlong } from "./operator.ts";

/** MatMul: products of matrices in batches that broadcast; a vector is a row or a column. */
function product(a: Tensor, b: Tensor): Tensor {
  if (rankOf(a) === 1) {
    const result = product(reshape(a, [1, sizeAlong(a, 0)]), b);
    return reshape(result, result.shape.toSpliced(-2, 1));
  }
  if (rankOf(b) === 1) {
    const result = product(a, reshape(b, [sizeAlong(b, 0), 1]));
    return reshape(result, result.shape.slice(0, -1));
  }
  const rows = sizeAlong(a, rankOf(a) - 2);
  const inner = sizeAlong(a, rankOf(a) - 1);
  const columns = sizeAlong(b, rankOf(b) - 1);
  // One matrix for the whole batch: a single product of all rows.
  if (rankOf(b) === 2 && rankOf(a) > 2) {
    const flat = reshape(a, [sizeOf(a.shape.slice(0, -1)), inner]);
    return reshape(gemm(flat, b), [...a.shape.slice(0, -1), columns]);
  }
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const batched = (x: Tensor) => {
    const matrix = x.shape.slice(-2);
    return reshape(broadcastTo(x, [...lead, ...matrix]), [sizeOf(lead), ...matrix]);
  };
  return reshape(matMul(batched(a), batched(b)), [...lead, rows, columns]);
}

/** Gemm: alpha × A B + beta × C. */
function generalProduct({ attributes, tensor, has }: BoundNode): Tensor {
  const [alpha, beta] = [attributes.float("alpha", 1), attributes.float("beta", 1)];
  const result = gemm(tensor(0), tensor(1), {
    transA: attributes.int("transA", 0) === 1,
    transB: attributes.int("transB", 0) === 1,
  });
  const scaled = alpha === 1 ? result : mul(result, alpha);
  if (!has(2) || beta === 0) return scaled;
  return add(scaled, beta === 1 ? tensor(2) : mul(tensor(2), beta));
}

/** The operators of this family. */
export const linearOperators: OperatorTable = {
  Einsum: (node) => einsum(node.attributes.text("equation", ""), node.tensors()),
  Gemm: generalProduct,
  MatMul: binary(product),
};
