/**
 * Lowering: writes a graph as ONNX nodes, by the fastest way that is known for each op on a device.
 */
import type { Call, Target, Tensor, Tensors } from "../tensor.ts";
import { rewrite } from "../traverse.ts";
import { loweringContext, type RuleTable } from "./rule.ts";
import { defaultRules } from "./rules.ts";

/** For which device a graph is lowered. */
export interface LowerOptions {
  /** Where the graph is to run; anywhere by default. */
  readonly target?: Target;
  /** Rules by op; `{}` computes every op by its plain definition. */
  readonly rules?: RuleTable;
}

/** The outputs with composite ops written as ONNX nodes. Identical calls are merged. */
export function lower(outputs: Tensors, { target = "anywhere", rules = defaultRules }: LowerOptions = {}): Tensor[] {
  const context = loweringContext(target);
  const expand = (call: Call): Tensors | undefined => {
    const lowered = byRule(call) ?? call.op.compose?.(call.inputs, call.attributes);
    // Down to ONNX nodes; the inputs are taken as they are.
    return lowered && rewrite(lowered, new Map(call.inputs.map((t) => [t, t])), expand);
  };
  const byRule = (call: Call): Tensors | undefined => {
    for (const rule of rules[call.op.name] ?? []) {
      const lowered = rule(call, context);
      if (lowered !== undefined) return lowered;
    }
    return undefined;
  };
  return mergeIdentical(rewrite(outputs, new Map(), expand));
}

/**
 * The outputs with every call replaced that repeats another: the same op, attributes and inputs.
 */
function mergeIdentical(outputs: Tensors): Tensor[] {
  const numbers = new Map<Tensor, number>();
  const numberOf = (t: Tensor): number => {
    const known = numbers.get(t) ?? numbers.size;
    numbers.set(t, known);
    return known;
  };
  const first = new Map<string, Call>();
  return rewrite(outputs, new Map(), (call) => {
    // Its attributes are a graph, too large for a key.
    if (call.op.name === "loop") return undefined;
    const exact = (_: string, value: unknown) => (typeof value === "number" ? String(value) : value);
    const key = `${call.op.name} ${call.inputs.map(numberOf)} ${JSON.stringify(call.attributes, exact)}`;
    const same = first.get(key);
    if (same === undefined) first.set(key, call);
    return same?.outputs;
  });
}
