/** Ways around what ONNX Runtime computes wrongly through WebGPU. */

import { at } from "../../lookup.ts";
import { pad } from "../ops/shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Whether ONNX Runtime (1.30) computes a convolution wrongly through WebGPU
 * (microsoft/onnxruntime#29651). Where 4 divides the output channels, it reads input channels by
 * threes if there are 6, 9, 15 … of them, which is right for exactly three only.
 */
function isMiscomputed(x: Tensor, w: Tensor): boolean {
  const [out, into] = [at(w.shape, 0), at(w.shape, 1)];
  return into === x.shape[1] && into > 3 && into % 3 === 0 && into % 4 !== 0 && out % 4 === 0;
}

const withZeroChannel = (t: Tensor): Tensor => pad(t, { axes: [1], before: [0], after: [1] });

/**
 * Input and weight of a convolution, with one more channel, of zeros, where it would be
 * miscomputed. On a CPU as well, so that the gradients are those of one graph for all devices.
 */
export const avoidMiscomputed = (x: Tensor, w: Tensor): [Tensor, Tensor] =>
  isMiscomputed(x, w) ? [withZeroChannel(x), withZeroChannel(w)] : [x, w];
