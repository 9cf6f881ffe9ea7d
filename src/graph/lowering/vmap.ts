/**
 * Batching over networks, as JAX's vmap: one graph for several networks of one form. Tensors that
 * differ between the networks get a leading axis, and each op becomes one that works on all
 * networks at once, by the table of rules below. Nothing mixes along that axis, so each network's
 * numbers are those it has alone.
 */

import { at } from "../../lookup.ts";
import { expand } from "../ops/broadcast.ts";
import { add } from "../ops/elementwise.ts";
import { matMul, matMulByTransposed } from "../ops/linear.ts";
import { reshape, transpose, transposed } from "../ops/shape.ts";
import { apply, type Call, type Shape, type Tensor, type Tensors } from "../tensor.ts";
import { topological } from "../traverse.ts";

/**
 * A call of one network, and its inputs for all: `[count, …]`, or `[1, …]` where they share one.
 */
interface BatchedCall {
  readonly call: Call;
  readonly inputs: Tensors;
  readonly count: number;
}
type Rule = (batched: BatchedCall) => Tensors;

/** The same op on the batched inputs, with other attributes where they are given. */
const same = ({ call, inputs }: BatchedCall, attributes: unknown = call.attributes): Tensors =>
  apply(call.op, inputs, attributes);

/** Repeats an input that the networks share. */
const full = (x: Tensor, count: number): Tensor => expand(x, x.shape.with(0, count));

/** Shapes broadcast from the right, so axes of one element go after the leading one. */
const elementwise: Rule = (batched) => {
  const rank = at(batched.call.outputs, 0).shape.length + 1;
  const inputs = batched.inputs.map((x) => {
    const [count = 1, ...shape] = x.shape;
    return reshape(x, [count, ...Array<number>(rank - x.shape.length).fill(1), ...shape]);
  });
  return same({ ...batched, inputs });
};

/** Each of the attribute's axes is one later. */
const alongAxes: Rule = (batched) => {
  const attributes = batched.call.attributes as { readonly axes: readonly number[] };
  return same(batched, { ...attributes, axes: attributes.axes.map((axis) => axis + 1) });
};

const reshaped: Rule = ({ call, inputs }) => {
  const { shape } = call.attributes as { readonly shape: Shape };
  const x = at(inputs, 0);
  return [reshape(x, [at(x.shape, 0), ...shape])];
};

const expanded: Rule = ({ call, inputs, count }) => {
  const { shape } = call.attributes as { readonly shape: Shape };
  return [expand(full(at(inputs, 0), count), [count, ...shape])];
};

const transposition: Rule = ({ call, inputs }) => {
  const { order } = call.attributes as { readonly order: readonly number[] };
  return [transpose(at(inputs, 0), [0, ...order.map((axis) => axis + 1)])];
};

const concatenation: Rule = ({ call, inputs, count }) => {
  const { axis } = call.attributes as { readonly axis: number };
  const repeated = inputs.map((x) => full(x, count));
  return apply(call.op, repeated, { axis: axis + 1 });
};

const product: Rule = ({ call, inputs, count }) => {
  const { transA = false, transB = false } = call.attributes as { transA?: boolean; transB?: boolean };
  const operands = inputs.map((t) => full(t, count));
  const [a, b, bias] = [at(operands, 0), at(operands, 1), operands[2]];
  const left = transA ? transposed(a) : a;
  const y = transB ? matMulByTransposed(left, b) : matMul(left, b);
  return [bias === undefined ? y : add(y, reshape(bias, [count, 1, at(bias.shape, 1)]))];
};

const ELEMENTWISE = `add sub mul div greater equal where cast neg exp log sqrt sin cos reciprocal tanh sigmoid relu
  leakyRelu elu clip silu gelu erf`;
/** Along the last axis, which stays the last. */
const ALONG_LAST = "softmax logSoftmax";
const ALONG_AXES = "reduceSum reduceMean reduceMax slice pad";

const tableOf = (names: string, rule: Rule) => Object.fromEntries(names.split(/\s+/).map((name) => [name, rule]));

const rules: Readonly<Record<string, Rule>> = {
  ...tableOf(ELEMENTWISE, elementwise),
  ...tableOf(ALONG_LAST, elementwise),
  ...tableOf(ALONG_AXES, alongAxes),
  reshape: reshaped,
  expand: expanded,
  transpose: transposition,
  concat: concatenation,
  gemm: product,
  matMul: product,
};

/** Names of the ops of a graph for which there is no rule; none where networks can be batched. */
export function unbatchableOps(outputs: Tensors): string[] {
  const found = topological(outputs).filter(
    ({ op }) => !(op.name in rules) && (op.compose === undefined || op.onnx !== undefined),
  );
  return [...new Set(found.map(({ op }) => op.name))];
}

/**
 * The graph of `count` networks.
 * @param replaced tensors of the one network that differ between the networks: `[count, …]` for
 *   each of them.
 * @returns the outputs, `[count, …]`.
 * @throws Error at an op without a rule; `unbatchableOps` finds them beforehand.
 */
export function vmap(outputs: Tensors, count: number, replaced: ReadonlyMap<Tensor, Tensor>): Tensors {
  const memo = new Map(replaced);
  const shared = (x: Tensor): Tensor => reshape(x, [1, ...x.shape]);
  const batched = (call: Call): Tensors => {
    const rule = rules[call.op.name];
    if (rule !== undefined) return rule({ call, inputs: call.inputs.map((x) => memo.get(x) ?? shared(x)), count });
    const composed = call.op.compose?.(call.inputs, call.attributes);
    if (composed === undefined) throw new Error(`${call.op.name} cannot be batched over networks`);
    return vmap(composed, count, memo);
  };
  for (const call of topological(outputs, replaced)) {
    if (!call.inputs.some((x) => memo.has(x))) continue;
    const results = batched(call);
    call.outputs.forEach((y, i) => {
      memo.set(y, full(at(results, i), count));
    });
  }
  return outputs.map((y) => memo.get(y) ?? full(shared(y), count));
}
