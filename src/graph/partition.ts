/**
 * Cuts a graph in two: the frozen prefix, which does not depend on some chosen tensors θ, and the
 * suffix, which does. For many settings of θ the prefix needs to run only once.
 */
import { input, type Tensor } from "./tensor.ts";
import { dependents, rewrite, topological } from "./traverse.ts";

/** A graph in two parts. */
export interface Partition {
  /**
   * What the prefix computes and the suffix takes: one entry per value crossing the cut, by the
   * suffix's input name.
   */
  readonly prefix: Readonly<Record<string, Tensor>>;
  /** The outputs, computed from θ, the inputs that meet θ, and the prefix's values. */
  readonly suffix: readonly Tensor[];
}

/**
 * Splits `outputs` at the frontier of what depends on `theta`. A prefix without entries means that
 * nothing is frozen.
 */
export function partition(outputs: readonly Tensor[], theta: readonly Tensor[]): Partition {
  const order = topological(outputs);
  const moving = dependents(order, theta);
  const crossing = new Set<Tensor>();
  const isFrozenCall = (t: Tensor) => t.source.kind === "call" && !moving.has(t.source.call);
  for (const call of order) if (moving.has(call)) for (const t of call.inputs) if (isFrozenCall(t)) crossing.add(t);
  for (const t of outputs) if (isFrozenCall(t)) crossing.add(t);
  const prefix: Record<string, Tensor> = {};
  const replaced = new Map<Tensor, Tensor>();
  for (const t of crossing) {
    const name = `frozen.${replaced.size}`;
    prefix[name] = t;
    replaced.set(t, input(name, t.shape, t.dtype));
  }
  return { prefix, suffix: rewrite(outputs, replaced) };
}
