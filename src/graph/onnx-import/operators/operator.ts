/** What an operator is: a function from a node to the values of its outputs. */
import type { Shape, Tensor } from "../../tensor.ts";
import type { BoundNode, Value } from "../bound-node.ts";
import { elementAt } from "../refuse.ts";

/** Builds the outputs of a node: one value, or a list of them. */
export type Operator = (node: BoundNode) => Value | readonly Value[];

/** Operators by their ONNX names. */
export type OperatorTable = Readonly<Record<string, Operator>>;

/** An operator of one input. */
export const unary =
  (build: (x: Tensor) => Tensor): Operator =>
  (node) =>
    build(node.tensor(0));

/** An operator of two inputs. */
export const binary =
  (build: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (node) =>
    build(node.tensor(0), node.tensor(1));

/** An operator of any number of inputs, from the first to the last. */
export const variadic =
  (build: (a: Tensor, b: Tensor) => Tensor): Operator =>
  (node) =>
    node
      .tensors()
      .slice(1)
      .reduce((a, b) => build(a, b), node.tensor(0));

/** Number of dimensions. */
export const rankOf = (x: Tensor): number => x.shape.length;

/** Size of a tensor along an axis. */
export const sizeAlong = (x: { readonly shape: Shape }, axis: number): number => elementAt(x.shape, axis);

/** The axes after batch and channels. */
export const spatialOf = (x: Tensor): number[] => x.shape.slice(2).map((_, i) => i + 2);
