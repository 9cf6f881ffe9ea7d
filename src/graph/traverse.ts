/**
 * Walking and rewriting graphs. It is iterative, as a deep network with its gradients is a long
 * chain.
 */
import { at } from "../lookup.ts";
import { apply, type Call, type Tensor } from "./tensor.ts";

const NONE: ReadonlyMap<Tensor, Tensor> = new Map();

/**
 * All calls that the outputs need, each after the calls it depends on. The order is a function of
 * the graph alone.
 * @param known tensors that are given: the calls behind them are left out.
 */
export function topological(outputs: readonly Tensor[], known: ReadonlyMap<Tensor, unknown> = NONE): Call[] {
  const order: Call[] = [];
  const done = new Set<Call>();
  const stack: { readonly call: Call; next: number }[] = [];
  const visit = (t: Tensor) => {
    if (t.source.kind !== "call" || done.has(t.source.call) || known.has(t)) return;
    done.add(t.source.call);
    stack.push({ call: t.source.call, next: 0 });
  };
  for (const output of outputs) {
    visit(output);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const operand = top.call.inputs[top.next++];
      if (operand !== undefined) visit(operand);
      else {
        order.push(top.call);
        stack.pop();
      }
    }
  }
  return order;
}

/** The call that made outputs. */
function callOf(outputs: readonly Tensor[]): Call {
  const { source } = at(outputs, 0);
  if (source.kind !== "call") throw new Error("an input or a constant is not made by a call");
  return source.call;
}

/** The inputs and constants that the outputs reach, in order of first use. */
export function leaves(outputs: readonly Tensor[]): Tensor[] {
  const found = new Set<Tensor>();
  for (const call of topological(outputs)) for (const t of call.inputs) if (t.source.kind !== "call") found.add(t);
  for (const t of outputs) if (t.source.kind !== "call") found.add(t);
  return [...found];
}

/** The calls among `order` (topological) whose value depends on any of the given tensors. */
export function dependents(order: readonly Call[], on: Iterable<Tensor>): Set<Call> {
  const roots = new Set(on);
  const result = new Set<Call>();
  for (const call of order) {
    if (call.inputs.some((t) => roots.has(t) || (t.source.kind === "call" && result.has(t.source.call))))
      result.add(call);
  }
  return result;
}

/**
 * The outputs rebuilt with some tensors replaced. Parts that do not change are shared with the old
 * graph.
 * @param expand returns the tensors that replace a call's outputs, or undefined to keep the call.
 */
export function rewrite(
  outputs: readonly Tensor[],
  replaced: ReadonlyMap<Tensor, Tensor>,
  expand?: (call: Call) => readonly Tensor[] | undefined,
): Tensor[] {
  const memo = new Map(replaced);
  const resolve = (t: Tensor): Tensor => memo.get(t) ?? t;
  for (const call of topological(outputs, replaced)) {
    const inputs = call.inputs.map(resolve);
    const changed = inputs.some((t, i) => t !== call.inputs[i]);
    const renewed = changed ? callOf(apply(call.op, inputs, call.attributes)) : call;
    const results = expand?.(renewed) ?? renewed.outputs;
    call.outputs.forEach((t, i) => {
      if (!memo.has(t) && results[i] !== t) memo.set(t, at(results, i));
    });
  }
  return outputs.map(resolve);
}
