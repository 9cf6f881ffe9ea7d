/** A node together with the values of its inputs, as operators read it while a graph is built. */
import type { Tensor } from "../tensor.ts";
import type { Attributes } from "./attributes.ts";
import { asConstant, type Known } from "./constants.ts";
import { refuse } from "./refuse.ts";

/** A value while a graph is built: known already, or a tensor of the graph. */
export type Value = Known | Tensor;

/** Whether a value is known already. */
export const isKnown = (value: Value): value is Known => "data" in value;

/** Constants made so far, so that a known value used twice becomes one constant. */
const constants = new WeakMap<Known, Tensor>();

/** A value as a tensor of the graph. */
export function tensorOf(value: Value): Tensor {
  if (!isKnown(value)) return value;
  const tensor = constants.get(value) ?? asConstant(value);
  constants.set(value, tensor);
  return tensor;
}

/**
 * A value that must be known when the graph is built.
 * @throws UserError `E_CHECKPOINT` when it depends on the images.
 */
function requireKnown(value: Value): Known {
  return isKnown(value) ? value : refuse("it needs numbers that depend on the images, such as a shape or an index");
}

/** A node and its inputs, any of which may be left out. Indices count from 0. */
export interface BoundNode {
  readonly attributes: Attributes;
  /** Version of the operators. */
  readonly opset: number;
  /** Number of outputs. */
  readonly outputs: number;
  /** An input; undefined when it is left out. */
  value(index: number): Value | undefined;
  has(index: number): boolean;
  /** An input as a tensor; throws when it is left out. */
  tensor(index: number): Tensor;
  /** An input that is known; throws when it is not, or is left out. */
  known(index: number): Known;
  /** All inputs up to the first that is left out, as tensors. */
  tensors(): Tensor[];
  /** The numbers of an input; undefined when it is left out, throws when they are not known. */
  numbers(index: number): number[] | undefined;
  /** The numbers of an input, or the attribute `name` that older versions have instead. */
  numbersOr(index: number, name: string): number[] | undefined;
  /** The same; throws when the node has neither. */
  requiredNumbers(index: number, name?: string): number[];
}

/** Binds a node's inputs. */
export function boundNode(
  given: readonly (Value | undefined)[],
  facts: Pick<BoundNode, "attributes" | "opset" | "outputs">,
): BoundNode {
  const value = (index: number) => given[index];
  const missing = (index: number) => refuse(`its input ${index + 1} is missing`);
  const tensor = (index: number) => tensorOf(given[index] ?? missing(index));
  const numbers = (index: number) => {
    const input = given[index];
    return input === undefined ? undefined : [...requireKnown(input).data];
  };
  const numbersOr = (index: number, name: string) => numbers(index) ?? facts.attributes.ints(name);
  return {
    ...facts,
    value,
    has: (index) => given[index] !== undefined,
    tensor,
    known: (index) => requireKnown(given[index] ?? missing(index)),
    tensors() {
      const end = given.indexOf(undefined);
      return given.slice(0, end < 0 ? given.length : end).map((_, i) => tensor(i));
    },
    numbers,
    numbersOr,
    requiredNumbers: (index, name) => (name === undefined ? numbers(index) : numbersOr(index, name)) ?? missing(index),
  };
}
