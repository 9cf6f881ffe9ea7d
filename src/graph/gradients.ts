/**
 * Reverse-mode differentiation: appends to a graph the calls that compute the gradient of a scalar.
 */
import { add } from "./ops/elementwise.ts";
import { constant, describe, shapeError, sizeOf, type Tensor } from "./tensor.ts";
import { dependents, topological } from "./traverse.ts";

/**
 * Gradients of a scalar with respect to tensors of its graph. Only what lies between those tensors
 * and the scalar is differentiated.
 * @param loss shape [] or any shape of one element.
 * @param wrt tensors of the graph: inputs or intermediate values.
 * @returns one gradient for each, of its shape; zeros where the loss does not depend on it.
 * @throws UserError `E_SHAPE` when the loss is not a scalar; an ordinary error when an op on the
 *   way has no gradient.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1) throw shapeError("gradients", `the loss must be a scalar, got ${describe(loss)}`);
  const order = topological([loss]);
  const roots = new Set(wrt);
  const active = dependents(order, roots);
  // Whole numbers and truth values are constant almost everywhere: nothing flows back through them.
  const isActive = (t: Tensor) =>
    t.dtype === "float32" && (roots.has(t) || (t.source.kind === "call" && active.has(t.source.call)));
  const total = new Map<Tensor, Tensor>([[loss, constant(Float32Array.of(1), loss.shape)]]);
  for (const call of order.reverse()) {
    if (!active.has(call)) continue;
    const outgoing = call.outputs.map((t) => total.get(t));
    if (outgoing.every((g) => g === undefined)) continue;
    const wanted = call.inputs.map(isActive);
    if (!wanted.includes(true)) continue;
    if (call.op.gradient === undefined) throw new Error(`${call.op.name} is not differentiable`);
    call.op.gradient(call, outgoing, wanted).forEach((g, i) => {
      const t = call.inputs[i];
      if (g === undefined || t === undefined || !wanted[i]) return;
      const before = total.get(t);
      total.set(t, before === undefined ? g : add(before, g));
    });
  }
  return wrt.map((t) => total.get(t) ?? constant(new Float32Array(sizeOf(t.shape)), t.shape));
}
