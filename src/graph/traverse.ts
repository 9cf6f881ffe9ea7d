/** Walking and rewriting graphs. Iterative throughout: a deep network with its gradients is a long chain. */
import { apply, type Call, type Tensor } from "./tensor.ts";

/** All calls that the outputs need, each after the calls it depends on. The order is a function of the graph alone. */
export function topological(outputs: readonly Tensor[]): Call[] {
  const order: Call[] = [];
  const done = new Set<Call>();
  const stack: { call: Call; next: number }[] = [];
  for (const output of outputs) {
    if (output.source.kind === "call" && !done.has(output.source.call)) {
      done.add(output.source.call);
      stack.push({ call: output.source.call, next: 0 });
    }
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const operand = top.call.inputs[top.next++];
      if (operand === undefined) {
        order.push(top.call);
        stack.pop();
      } else if (operand.source.kind === "call" && !done.has(operand.source.call)) {
        done.add(operand.source.call);
        stack.push({ call: operand.source.call, next: 0 });
      }
    }
  }
  return order;
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
 * The outputs rebuilt with some tensors replaced and, where `expand` answers, calls replaced by other tensors. Parts
 * that nothing touches are shared with the old graph.
 */
export function rewrite(
  outputs: readonly Tensor[],
  replaced: ReadonlyMap<Tensor, Tensor>,
  expand?: (call: Call) => readonly Tensor[] | undefined,
): Tensor[] {
  const memo = new Map(replaced);
  const resolve = (t: Tensor): Tensor => memo.get(t) ?? t;
  for (const call of topological(outputs)) {
    if (call.outputs.every((t) => memo.has(t))) continue;
    const inputs = call.inputs.map(resolve);
    const changed = inputs.some((t, i) => t !== call.inputs[i]);
    const renewed = changed ? (apply(call.op, inputs, call.attributes)[0]!.source as { call: Call }).call : call;
    const results = expand?.(renewed) ?? renewed.outputs;
    call.outputs.forEach((t, i) => {
      if (!memo.has(t) && results[i] !== t) memo.set(t, results[i]!);
    });
  }
  return outputs.map(resolve);
}

/** The outputs with composite ops written out as ONNX nodes. */
export function lower(outputs: readonly Tensor[]): Tensor[] {
  const expand = (call: Call): readonly Tensor[] | undefined =>
    call.op.lower === undefined ? undefined : lower(call.op.lower(call.inputs, call.attributes, call.outputs));
  return rewrite(outputs, new Map(), expand);
}
