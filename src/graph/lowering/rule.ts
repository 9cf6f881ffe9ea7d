/**
 * Lowering rules: other ways to compute an op, for speed or because a device computes the plain way
 * wrongly.
 */
import type { Call, Op, Target, Tensor, Tensors } from "../tensor.ts";

/** What the rules of one lowering share. */
export interface LoweringContext {
  readonly target: Target;
  /**
   * The value made for a key, once in a lowering: constants that calls share are then one tensor,
   * and so is what is computed from them.
   */
  shared<T>(key: string, make: () => T): T;
}

/** The outputs of a call, computed another way; undefined where the rule does not apply. */
export type Rule = (call: Call, context: LoweringContext) => Tensors | undefined;

/**
 * Rules by the name of the op. The first that applies is used; without one, the op's own
 * definition.
 */
export type RuleTable = Readonly<Record<string, readonly Rule[]>>;

/** What a rule returns: the output of an op that has one, else all. */
type ResultOf<Outputs extends Tensors> = Outputs extends readonly [Tensor] ? Tensor : Outputs;

/** A rule for one op. The call has that op's inputs and attributes. */
export function ruleFor<Inputs extends Tensors, Attributes, Outputs extends Tensors>(
  op: Op<Inputs, Attributes, Outputs>,
  rule: (call: Call<Inputs, Attributes, Outputs>, context: LoweringContext) => ResultOf<Outputs> | undefined,
): Rule {
  return (call, context) => {
    if (call.op.name !== op.name) throw new Error(`a rule for ${op.name} was used for ${call.op.name}`);
    const lowered: Tensor | Tensors | undefined = rule(call as Call as Call<Inputs, Attributes, Outputs>, context);
    return lowered === undefined || "length" in lowered ? lowered : [lowered];
  };
}

/** A new context, for one lowering. */
export function loweringContext(target: Target): LoweringContext {
  const values = new Map<string, unknown>();
  return {
    target,
    shared<T>(key: string, make: () => T): T {
      if (!values.has(key)) values.set(key, make());
      return values.get(key) as T;
    },
  };
}
