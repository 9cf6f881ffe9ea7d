/**
 * One graph for several networks of one form: what differs between them gets a leading axis, and each op is replaced by one
 * that works on all of them at once. Nothing mixes along that axis, so each network's numbers are what they are alone.
 */
import { add } from "../ops/elementwise.ts";
import { matMul, matMulByTransposed, transposed } from "../ops/linear.ts";
import { expand, reshape, transpose } from "../ops/shape.ts";
import { apply, type Call, type Shape, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";

/** A call of one network, and its inputs for all: `[count, …]`, or `[1, …]` where they share one. */
interface Joint {
  readonly call: Call;
  readonly inputs: readonly Tensor[];
  readonly count: number;
}
type Rule = (joint: Joint) => readonly Tensor[];

/** The same op, with other attributes. */
const same = ({ call, inputs }: Joint, attributes: unknown = call.attributes): readonly Tensor[] =>
  apply(call.op, inputs, attributes);

const full = (x: Tensor, count: number): Tensor => expand(x, x.shape.with(0, count));

/** Element by element: shapes broadcast from the right, so axes of one element go after the leading one. */
const elementwise: Rule = (joint) => {
  const rank = joint.call.outputs[0]!.shape.length + 1;
  const inputs = joint.inputs.map((x) =>
    reshape(x, [x.shape[0]!, ...Array<number>(rank - x.shape.length).fill(1), ...x.shape.slice(1)]),
  );
  return same({ ...joint, inputs });
};

/** Along axes, each of which is one later. */
const alongAxes: Rule = (joint) => {
  const attributes = joint.call.attributes as { readonly axes: readonly number[] };
  return same(joint, { ...attributes, axes: attributes.axes.map((axis) => axis + 1) });
};

const shaped: Rule = ({ call, inputs: [x], count }) => {
  const { shape } = call.attributes as { readonly shape: Shape };
  return call.op.name === "reshape"
    ? [reshape(x!, [x!.shape[0]!, ...shape])]
    : [expand(full(x!, count), [count, ...shape])];
};

const products: Rule = ({ call, inputs, count }) => {
  const { transA = false, transB = false } = call.attributes as { transA?: boolean; transB?: boolean };
  const [a, b, bias] = inputs.map((t) => full(t, count)) as [Tensor, Tensor, Tensor | undefined];
  const left = transA ? transposed(a) : a;
  const y = transB ? matMulByTransposed(left, b) : matMul(left, b);
  return [bias === undefined ? y : add(y, reshape(bias, [count, 1, bias.shape[1]!]))];
};

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [
      ...["add", "sub", "mul", "div", "greater", "equal", "where", "cast", "neg", "exp", "log", "sqrt", "sin", "cos"],
      ...["reciprocal", "tanh", "sigmoid", "relu", "leakyRelu", "elu", "clip", "silu", "gelu", "erf"],
      // Along the last axis, which stays the last.
      ...["softmax", "logSoftmax"],
    ].map((name) => [name, elementwise]),
  ),
  ...Object.fromEntries(["reduceSum", "reduceMean", "reduceMax", "slice", "pad"].map((name) => [name, alongAxes])),
  reshape: shaped,
  expand: shaped,
  transpose: (joint) => {
    const { order } = joint.call.attributes as { readonly order: readonly number[] };
    return [transpose(joint.inputs[0]!, [0, ...order.map((axis) => axis + 1)])];
  },
  concat: (joint) => {
    const { axis } = joint.call.attributes as { readonly axis: number };
    const inputs = joint.inputs.map((x) => full(x, joint.count));
    return apply(joint.call.op, inputs, { axis: axis + 1 });
  },
  gemm: products,
  matMul: products,
};

/** Ops for which several networks cannot be made one: those of a graph, by name; none where all can. */
export function unbatchableOps(outputs: readonly Tensor[]): string[] {
  const found = topological(outputs).filter(
    ({ op }) => !(op.name in rules) && (op.lower === undefined || op.onnx !== undefined),
  );
  return [...new Set(found.map(({ op }) => op.name))];
}

/**
 * The graph of `count` networks.
 * @param replaced tensors of the one network that differ between the networks: `[count, …]` for each of them.
 * @returns the outputs, `[count, …]`.
 * @throws Error at an op for which there is no rule; `apartOps` tells beforehand.
 */
export function vmap(
  outputs: readonly Tensor[],
  count: number,
  replaced: ReadonlyMap<Tensor, Tensor>,
): readonly Tensor[] {
  const memo = new Map(replaced);
  const shared = (x: Tensor): Tensor => reshape(x, [1, ...x.shape]);
  for (const call of topological(outputs, replaced)) {
    if (!call.inputs.some((x) => memo.has(x))) continue;
    const rule = rules[call.op.name];
    const lowered =
      rule === undefined ? call.op.lower?.(call.inputs, call.attributes, call.outputs, "anywhere") : undefined;
    if (rule === undefined && lowered === undefined) throw new Error(`several networks share no ${call.op.name}`);
    const results =
      lowered === undefined
        ? rule!({ call, inputs: call.inputs.map((x) => memo.get(x) ?? shared(x)), count })
        : vmap(lowered, count, memo);
    call.outputs.forEach((y, i) => {
      memo.set(y, full(results[i]!, count));
    });
  }
  return outputs.map((y) => memo.get(y) ?? full(shared(y), count));
}
