/** A graph run over and over on its own result, inside one model: a sampler's steps, or several steps of a training. */
import { apply, constant, describe, input, type Loop, type Op, sameShape, shapeError, type Tensor } from "../tensor.ts";

const loopOp: Op<Loop> = {
  name: "loop",
  infer: ([trips, ...given], { states, nexts }) => {
    if (trips!.dtype !== "int64" || trips!.shape.length > 0)
      throw shapeError("loop", `the number of trips is ${describe(trips!)}; expected [] int64`);
    return states.map(({ shape, dtype }, i) => {
      const [start, next] = [given[i]!, nexts[i]!];
      if (!sameShape(next.shape, start.shape) || next.dtype !== dtype)
        throw shapeError("loop", `a trip makes ${describe(next)} of ${describe(start)}; expected the same shape`);
      return { shape, dtype };
    });
  },
  onnx: (loop) => ({ type: "Loop", loop }),
};

export interface LoopOptions {
  /** How often: a number, or an int64 tensor of rank 0. */
  readonly trips: number | Tensor;
  /** Tensors from outside that the body reads. */
  readonly captured?: readonly Tensor[];
}

/**
 * The states after so many trips, each of which makes the next ones from them. Not differentiable.
 * @param starts the states to begin with.
 * @param body gets the number of the trip (int64, rank 0, from 0), the states, and what stands inside for each captured
 *   tensor; whatever else it reads must be constants.
 */
export function loop(
  starts: readonly Tensor[],
  { trips, captured = [] }: LoopOptions,
  body: (index: Tensor, states: readonly Tensor[], captured: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const index = input("index", [], "int64");
  const states = starts.map(({ shape, dtype }, i) => input(`state.${i}`, shape, dtype));
  const placeholders = captured.map(({ shape, dtype }, i) => input(`captured.${i}`, shape, dtype));
  const nexts = body(index, states, placeholders);
  const count = typeof trips === "number" ? constant(BigInt64Array.of(BigInt(trips)), []) : trips;
  return apply(loopOp, [count, ...starts, ...captured], { index, states, captured: placeholders, nexts });
}
