/**
 * Transposed convolutions by ONNX Runtime's own node, where that is faster than `polyphase.ts` on a
 * CPU.
 */

import { at } from "../../lookup.ts";
import { convTransposeOp, inputAdjointOp } from "../ops/conv.ts";
import type { InputGeometry } from "../ops/kernel.ts";
import { reshape } from "../ops/shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { ruleFor } from "./rule.ts";

/** Without a stride the node is faster for at most this many channels. */
const FEW_CHANNELS = 32;

/**
 * Whether the node is faster. It computes products first and adds up what overlaps: it moves one
 * number for each tap, position and channel of the result, where a convolution gathers one for each
 * channel of y. On one core it takes 20 ms instead of 27 (64 from 128 channels of 16 × 16, kernel
 * 3, stride 2), 37 for 43 (128 from 256 of 256, kernel 7, stride 2) and 1.6 for 3.7 (16 from 32 of
 * 13 × 13, kernel 3). It takes 4.8 for 3.7 (256 from 32 of 64, kernel 7, stride 2) and, without a
 * stride, where there are no phases to interleave, 6.4 for 3.9 (128 from 256 of 12, kernel 3).
 */
function isFaster({ shape }: Tensor, { groups, stride }: InputGeometry): boolean {
  const [out, into] = [at(shape, 0), at(shape, 1)];
  return into < out / groups && (stride > 1 || into <= FEW_CHANNELS);
}

/**
 * ONNX's ConvTranspose. Along a single axis ONNX Runtime (1.30) adds up two to four times as slowly
 * as along two, one of them of length 1.
 */
export const transposedConvNode = ruleFor(inputAdjointOp, ({ inputs: [y, w], attributes }, { target }) => {
  if (target !== "cpu" || !isFaster(w, attributes)) return undefined;
  const { stride, padding, groups, spatial } = attributes;
  const lone = spatial.length === 1 ? [1] : [];
  const widened = (t: Tensor): Tensor => reshape(t, [...t.shape.slice(0, 2), ...lone, ...t.shape.slice(2)]);
  const [x] = apply(convTransposeOp, [widened(y), widened(w)], {
    strides: [...lone, ...spatial.map(() => stride)],
    paddings: [...lone.map(() => 0), ...spatial.map(() => padding)],
    groups,
    spatial: [...lone, ...spatial],
  });
  return reshape(x, [...x.shape.slice(0, 2), ...spatial]);
});
