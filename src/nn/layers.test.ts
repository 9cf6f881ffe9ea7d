import { beforeAll, describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/layers.json" with { type: "json" };
import { DEVICE_TIMEOUT_MS, onEachDevice, slack } from "../../test/support/devices.ts";
import { fill, fillIntegers } from "../../test/support/fill.ts";
import { type Fixture, relativeError } from "../../test/support/fixtures.ts";
import {
  avgPool,
  elu,
  gelu,
  gradients,
  input,
  leakyRelu,
  logSoftmax,
  maxPool,
  mul,
  reduceSum,
  relu,
  type Shape,
  sigmoid,
  silu,
  sizeOf,
  softmax,
  type Tensor,
  tanh,
} from "../graph/index.ts";
import { compile, type Data, type Device } from "../runtime/index.ts";
import {
  batchNorm,
  conv,
  convTranspose,
  dropout,
  embedding,
  groupNorm,
  instanceNorm,
  layerNorm,
  linear,
} from "./layers.ts";
import { crossEntropy, meanSquaredError } from "./losses.ts";
import { type Scope, trace } from "./scope.ts";

const expected = fixture as unknown as Fixture;

/** Whole numbers below `bound` instead of real ones. */
interface Indices {
  readonly shape: Shape;
  readonly bound: number;
}

type Layer = (at: Scope, x: Tensor, y: Tensor) => Tensor;

/** A layer and the shapes of its inputs, by the names of test/oracle/layers.py. */
const cases: Readonly<Record<string, readonly [Layer, ...(Shape | Indices)[]]>> = {
  linear: [(at, x) => linear(at, x, { out: 4 }), [3, 5]],
  "linear of rank 3, no bias": [(at, x) => linear(at, x, { out: 4, bias: false }), [2, 3, 5]],
  conv1d: [(at, x) => conv(at, x, { out: 4, kernel: 3, padding: 1 }), [2, 3, 9]],
  "conv1d, kernel 7, stride 2": [(at, x) => conv(at, x, { out: 4, kernel: 7, stride: 2, padding: 3 }), [2, 1, 16]],
  "conv1d, kernel 5, stride 5": [(at, x) => conv(at, x, { out: 3, kernel: 5, stride: 5 }), [2, 4, 13]],
  conv2d: [(at, x) => conv(at, x, { out: 4, kernel: 3 }), [2, 3, 6, 7]],
  "conv2d, stride 2, no bias": [
    (at, x) => conv(at, x, { out: 4, kernel: 3, stride: 2, padding: 1, bias: false }),
    [2, 3, 7, 8],
  ],
  "conv2d, 1 x 1, stride 2": [(at, x) => conv(at, x, { out: 4, kernel: 1, stride: 2 }), [2, 3, 5, 6]],
  "conv2d, two groups": [(at, x) => conv(at, x, { out: 6, kernel: 3, padding: 1, groups: 2 }), [2, 4, 5, 5]],
  "conv2d, depthwise, kernel 7": [(at, x) => conv(at, x, { out: 3, kernel: 7, padding: 3, groups: 3 }), [2, 3, 6, 6]],
  "convTranspose1d, kernel 7, stride 2": [
    (at, x) => convTranspose(at, x, { out: 3, kernel: 7, stride: 2, padding: 3, outputPadding: 1 }),
    [2, 4, 8],
  ],
  "convTranspose1d, kernel 5, stride 5": [(at, x) => convTranspose(at, x, { out: 3, kernel: 5, stride: 5 }), [2, 4, 5]],
  "convTranspose2d, two groups": [
    (at, x) => convTranspose(at, x, { out: 6, kernel: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    [2, 4, 3, 4],
  ],
  maxPool1d: [(_, x) => maxPool(x, { kernel: 2 }), [2, 3, 9]],
  "maxPool2d, overlapping": [(_, x) => maxPool(x, { kernel: 3, stride: 2, padding: 1 }), [2, 3, 6, 7]],
  "avgPool1d, padded": [(_, x) => avgPool(x, { kernel: 3, stride: 2, padding: 1 }), [2, 3, 9]],
  avgPool2d: [(_, x) => avgPool(x, { kernel: 2 }), [2, 3, 6, 7]],
  "batchNorm of rank 2": [(at, x) => batchNorm(at, x), [6, 4]],
  "batchNorm of rank 3": [(at, x) => batchNorm(at, x, { eps: 1e-3, momentum: 0.3 }), [3, 4, 5]],
  "batchNorm of rank 4, not affine": [(at, x) => batchNorm(at, x, { affine: false }), [2, 3, 4, 4]],
  layerNorm: [(at, x) => layerNorm(at, x), [2, 3, 8]],
  "layerNorm over two axes": [(at, x) => layerNorm(at, x, { axes: 2, eps: 1e-6 }), [2, 3, 8]],
  groupNorm: [(at, x) => groupNorm(at, x, { groups: 2 }), [2, 6, 4, 3]],
  "instanceNorm of rank 3": [(at, x) => instanceNorm(at, x), [2, 3, 8]],
  "instanceNorm of rank 4, affine": [(at, x) => instanceNorm(at, x, { affine: true }), [2, 3, 4, 5]],
  relu: [(_, x) => relu(x), [4, 8]],
  leakyRelu: [(_, x) => leakyRelu(x), [4, 8]],
  elu: [(_, x) => elu(x), [4, 8]],
  silu: [(_, x) => silu(x), [4, 8]],
  gelu: [(_, x) => gelu(x), [4, 8]],
  tanh: [(_, x) => tanh(x), [4, 8]],
  sigmoid: [(_, x) => sigmoid(x), [4, 8]],
  softmax: [(_, x) => softmax(x), [2, 3, 6]],
  logSoftmax: [(_, x) => logSoftmax(x), [4, 6]],
  dropout: [(at, x) => dropout(at, x, { rate: 0.25 }), [4, 8]],
  embedding: [(at, x) => embedding(at, x, { count: 6, width: 4 }), { shape: [9], bound: 6 }],
  crossEntropy: [(_, logits, labels) => crossEntropy(logits, labels), [7, 5], { shape: [7], bound: 5 }],
  meanSquaredError: [(_, x, target) => meanSquaredError(x, target), [4, 5], [4, 5]],
};

const evaluated = ["batchNorm of rank 3", "batchNorm of rank 4, not affine", "instanceNorm of rank 3"];

/** What a case computes, each under the name that the fixture gives it. */
type Results = Record<string, Record<string, Data>>;

/** Runs every named case, forward and backward, in one program. */
async function runCases(names: readonly string[], training: boolean, device: Device): Promise<Results> {
  const feeds: Record<string, Data> = {};
  const inputs: Record<string, Tensor[]> = {};
  for (const name of names) {
    inputs[name] = cases[name]!.slice(1).map((spec, i) => {
      const full = `${name}/x${i}`;
      const { shape, bound } = spec as Indices;
      feeds[full] =
        bound === undefined ? fill(full, sizeOf(spec as Shape), -2, 2) : fillIntegers(full, sizeOf(shape), bound);
      return bound === undefined ? input(full, spec as Shape) : input(full, shape, "int32");
    });
  }
  const build = (at: Scope) => names.map((name) => cases[name]![0](at.in(name), ...(inputs[name] as [Tensor, Tensor])));
  const traced = trace(build, { training });
  for (const { name, leaf } of traced.parameters) feeds[name] = fill(name, sizeOf(leaf.shape));
  for (const { name, leaf } of traced.buffers)
    feeds[name] = name.endsWith(".running_var")
      ? fill(name, sizeOf(leaf.shape), 0.5, 2)
      : fill(name, sizeOf(leaf.shape));
  for (const { name } of traced.noise)
    feeds[name] = fill("dropout/x1", 32, -2, 2).map((kept) => (kept > 0 ? 1 / 0.75 : 0));

  const outputs: Record<string, Tensor> = {};
  for (const [i, name] of names.entries()) {
    const y = traced.outputs[i]!;
    const cotangent = input(`${name}/cotangent`, y.shape);
    feeds[`${name}/cotangent`] = fill(`${name}/cotangent`, sizeOf(y.shape));
    const wanted = new Map(
      inputs[name]!.flatMap((x, i): [string, Tensor][] => (x.dtype === "float32" ? [[`x${i}`, x]] : [])),
    );
    for (const p of traced.parameters)
      if (p.name.startsWith(`${name}.`)) wanted.set(p.name.slice(name.length + 1), p.leaf);
    const results = gradients(reduceSum(mul(y, cotangent)), [...wanted.values()]);
    outputs[`${name}|y`] = y;
    for (const [j, key] of [...wanted.keys()].entries()) outputs[`${name}|gradient ${key}`] = results[j]!;
    for (const b of traced.buffers)
      if (b.name.startsWith(`${name}.`)) outputs[`${name}|next ${b.name.slice(name.length + 1)}`] = b.next;
  }
  const program = await compile(outputs, device);
  const values = await program.run(feeds);
  await program.release();
  const byCase: Results = {};
  for (const [key, value] of Object.entries(values)) {
    const [name, what] = key.split("|") as [string, string];
    byCase[name] = { ...byCase[name], [what]: value };
  }
  return byCase;
}

onEachDevice("layers agree with PyTorch", (device) => {
  let training: Results = {};
  let evaluation: Results = {};
  beforeAll(async () => {
    training = await runCases(Object.keys(cases), true, device);
    evaluation = await runCases(evaluated, false, device);
  }, DEVICE_TIMEOUT_MS);

  function check(actual: Record<string, Data>, name: string): void {
    const { shapes, ...arrays } = expected[name]!;
    // Neither masks nor targets of losses are differentiated here.
    const names = Object.keys(arrays).filter((what) => name !== "dropout" || what !== "gradient x1");
    expect(Object.keys(actual).toSorted()).toEqual(names.toSorted());
    for (const what of names) {
      const error = relativeError(actual[what] as Float32Array, arrays[what]!);
      expect(error, what).toBeLessThan(1e-6 * slack(device));
    }
  }

  it.each(Object.keys(cases))("%s", (name) => check(training[name]!, name));
  it.each(evaluated)("%s, evaluated", (name) => check(evaluation[name]!, `${name}, evaluated`));
});
describe("parameters and buffers", () => {
  it.each(Object.keys(cases))("of %s have PyTorch's names, shapes and order", (name) => {
    const [build, ...specs] = cases[name]!;
    const inputs = specs.map((spec, i) =>
      "bound" in spec ? input(`x${i}`, spec.shape, "int32") : input(`x${i}`, spec as Shape),
    );
    const { parameters, buffers } = trace((at) => build(at, ...(inputs as [Tensor, Tensor])), { training: true });
    const state = [...parameters, ...buffers].map((t) => [t.name, [...t.shape]]);
    expect(state).toEqual(Object.entries(expected[name]!.shapes).map(([key, shape]) => [key, [...shape]]));
  });
});
