/** Walking and rewriting graphs. Iterative throughout: a deep network with its gradients is a long chain. */
import { apply, type Call, type Target, type Tensor } from "./tensor.ts";

const NONE: ReadonlyMap<Tensor, Tensor> = new Map();

/**
 * All calls that the outputs need, each after the calls it depends on. The order is a function of the graph alone.
 * @param known tensors to take as given, without the calls behind them.
 */
export function topological(outputs: readonly Tensor[], known: ReadonlyMap<Tensor, unknown> = NONE): Call[] {
  const order: Call[] = [];
  const done = new Set<Call>();
  const stack: { call: Call; next: number }[] = [];
  const visit = (t: Tensor) => {
    if (t.source.kind !== "call" || done.has(t.source.call) || known.has(t)) return;
    done.add(t.source.call);
    stack.push({ call: t.source.call, next: 0 });
  };
  for (const output of outputs) {
    visit(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
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
  for (const call of topological(outputs, replaced)) {
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

/** The outputs with every call that repeats another, of the same op, attributes and inputs, replaced by it. */
function withoutRepeats(outputs: readonly Tensor[]): Tensor[] {
  const numbers = new Map<Tensor, number>();
  const numberOf = (t: Tensor): number => numbers.get(t) ?? numbers.set(t, numbers.size).size - 1;
  const first = new Map<string, Call>();
  return rewrite(outputs, NONE, (call) => {
    // Its attributes are a graph, too large to be a key.
    if (call.op.name === "loop") return undefined;
    const exact = (_: string, value: unknown) => (typeof value === "number" ? String(value) : value);
    const key = `${call.op.name} ${call.inputs.map(numberOf)} ${JSON.stringify(call.attributes, exact)}`;
    const same = first.get(key);
    if (same === undefined) first.set(key, call);
    return same?.outputs;
  });
}

/** The outputs with composite ops written out as ONNX nodes, each of them once. */
export function lower(outputs: readonly Tensor[], target: Target = "anywhere"): Tensor[] {
  // What a composite call is made of, down to ONNX nodes. Its inputs are taken as they are.
  const expand = ({ op, inputs, attributes, outputs: made }: Call): readonly Tensor[] | undefined => {
    const lowered = op.lower?.(inputs, attributes, made, target);
    return lowered && rewrite(lowered, new Map(inputs.map((t) => [t, t])), expand);
  };
  return withoutRepeats(rewrite(outputs, NONE, expand));
}
