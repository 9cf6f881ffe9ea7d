/** Broadcasting of tensors, as ONNX and NumPy define it. */

import { expand } from "../../ops/broadcast.ts";
import { reshape } from "../../ops/shape.ts";
import type { Shape, Tensor } from "../../tensor.ts";
import { checkSize } from "../constants.ts";

/** The shape that two shapes broadcast to. The ops check that they do. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => Math.max(a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1));
}

/**
 * Repeats a tensor up to a shape that it broadcasts to.
 * @throws UserError `E_CHECKPOINT` when the shape is too large.
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkSize(shape);
  const ones = Array<number>(shape.length - x.shape.length).fill(1);
  return expand(reshape(x, [...ones, ...x.shape]), shape);
}
