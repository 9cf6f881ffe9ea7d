/**
 * Limits on what a model makes beyond its own file: a few nodes can ask for any number of elements,
 * and each of them can double what the one before it made.
 */
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { isKnown, type Value } from "./bound-node.ts";
import { MAX_RANK } from "./constants.ts";
import { refuse } from "./refuse.ts";

/** The most elements of a tensor that the graph computes: 8 GiB as float32. */
const MAX_COMPUTED = 2 ** 31;

/** The most elements of all constants that are made while a graph is built. */
const MAX_MADE = 2 ** 25;

/**
 * Follows the values of a graph while it is built. Call the function with the values that each node
 * makes, in order; it visits every tensor behind them once.
 * @param given the values before the first node.
 * @returns refuses by throwing a UserError `E_CHECKPOINT`. `fromFile` says that the values stand in
 *   the model's file, so that they do not count as made.
 */
export function sizeLimits(given: Iterable<Value>): (values: readonly Value[], fromFile: boolean) => void {
  const visited = new Set<Value>(given);
  /** Elements that stand in the file, or were counted. */
  const counted = new Set<unknown>([...visited].map((value) => (isKnown(value) ? value.data : value)));
  let made = 0;
  const count = (data: ArrayLike<unknown>, fromFile: boolean) => {
    if (counted.has(data)) return;
    counted.add(data);
    if (!fromFile) made += data.length;
    if (made > MAX_MADE) refuse(`it makes constants of more than ${MAX_MADE} elements that are not in its file`);
  };
  return (values, fromFile) => {
    const waiting = [...values];
    for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
      if (visited.has(value)) continue;
      visited.add(value);
      checkComputed(value.shape);
      if (isKnown(value)) count(value.data, fromFile);
      else waiting.push(...madeFrom(value, (data) => count(data, fromFile)));
    }
  };
}

/** The tensors that a tensor is computed from. The elements of a constant are counted. */
function madeFrom({ source }: Tensor, count: (data: ArrayLike<unknown>) => void): readonly Tensor[] {
  if (source.kind === "constant") count(source.data);
  return source.kind === "call" ? source.call.inputs : [];
}

function checkComputed(shape: Shape): void {
  if (shape.length > MAX_RANK) refuse(`it makes a tensor of ${shape.length} dimensions, expected at most ${MAX_RANK}`);
  if (sizeOf(shape) > MAX_COMPUTED)
    refuse(`it computes a tensor of shape [${shape.join(", ")}], expected at most ${MAX_COMPUTED} elements`);
}
