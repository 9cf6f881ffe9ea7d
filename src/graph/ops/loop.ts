/**
 * Repeats a graph on its own result inside one model: the steps of a sampler, or several training
 * steps.
 */
import { at } from "../../lookup.ts";
import { apply, constant, describe, input, type Loop, type Op, sameShape, shapeError, type Tensor } from "../tensor.ts";

const loopOp: Op<readonly [Tensor, ...Tensor[]], Loop, readonly Tensor[]> = {
  name: "loop",
  infer: ([trips, ...given], { states, nexts }) => {
    if (trips.dtype !== "int64" || trips.shape.length > 0)
      throw shapeError("loop", `the number of trips is ${describe(trips)}; expected [] int64`);
    return states.map(({ shape, dtype }, i) => {
      const [start, next] = [at(given, i), at(nexts, i)];
      if (!sameShape(next.shape, start.shape) || next.dtype !== dtype)
        throw shapeError("loop", `a trip makes ${describe(next)} of ${describe(start)}; expected the same shape`);
      return { shape, dtype };
    });
  },
  onnx: (loop) => ({ type: "Loop", loop }),
};

/** Options of a loop. */
export interface LoopOptions {
  /** Number of trips: a number, or an int64 tensor of rank 0. */
  readonly trips: number | Tensor;
  /** Tensors from outside that the body reads. */
  readonly captured?: readonly Tensor[];
}

/**
 * Repeats `body`, which makes the next states from the states. Not differentiable.
 * @param starts the first states.
 * @param body gets the number of the trip (int64, rank 0, from 0), the states, and a placeholder
 *   for each captured tensor. Apart from these it may read constants only.
 * @returns the states after the last trip.
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
