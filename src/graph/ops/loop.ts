/** A graph run over and over on its own result: the sampler's steps, inside one model. */
import { apply, describe, input, type Loop, type Op, sameShape, shapeError, type Tensor } from "../tensor.ts";

const loopOp: Op<Loop> = {
  name: "loop",
  infer: ([start], { next, state }) => {
    if (!sameShape(start!.shape, state.shape) || !sameShape(next.shape, state.shape) || next.dtype !== state.dtype)
      throw shapeError("loop", `a trip makes ${describe(next)} of ${describe(start!)}; expected the same shape`);
    return [{ shape: state.shape, dtype: state.dtype }];
  },
  onnx: (loop) => ({ type: "Loop", loop }),
};

export interface LoopOptions {
  /** How often. */
  readonly trips: number;
  /** Tensors from outside that the body reads. */
  readonly captured?: readonly Tensor[];
}

/**
 * The state after so many trips, each of which makes the next one from it. Not differentiable.
 * @param start the state to begin with.
 * @param body gets the number of the trip (int64, rank 0, from 0), the state, and what stands inside for each captured
 *   tensor; whatever else it reads must be constants.
 */
export function loop(
  start: Tensor,
  { trips, captured = [] }: LoopOptions,
  body: (index: Tensor, state: Tensor, captured: readonly Tensor[]) => Tensor,
): Tensor {
  const index = input("index", [], "int64");
  const state = input("state", start.shape, start.dtype);
  const placeholders = captured.map(({ shape, dtype }, i) => input(`captured.${i}`, shape, dtype));
  const next = body(index, state, placeholders);
  return apply(loopOp, [start, ...captured], { trips, index, state, captured: placeholders, next })[0]!;
}
