import { beforeAll, describe, expect, it } from "vitest";

import { DEVICE_TIMEOUT_MS, onEachDevice } from "../../test/support/devices.ts";
import { type GradientCase, gradientErrors } from "../../test/support/finite-differences.ts";
import { gradients } from "./gradients.ts";
import { flip } from "./lowering/interleave.ts";
import { batchNorm } from "./ops/batch-norm.ts";
import { expand, reduceSum } from "./ops/broadcast.ts";
import {
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  inputAdjoint,
  weightAdjoint,
} from "./ops/conv.ts";
import {
  add,
  cast,
  clip,
  cos,
  div,
  elu,
  exp,
  gelu,
  greater,
  leakyRelu,
  log,
  mul,
  neg,
  reciprocal,
  relu,
  sigmoid,
  silu,
  sin,
  sqrt,
  sub,
  tanh,
  where,
} from "./ops/elementwise.ts";
import { gather, oneHot } from "./ops/gather.ts";
import type { ConvGeometry } from "./ops/kernel.ts";
import { gemm, matMul, matMulByTransposed } from "./ops/linear.ts";
import { avgPool, maximum, maxPool, type PoolOptions } from "./ops/pool.ts";
import { argMax, reduceMax, reduceMean } from "./ops/reduce.ts";
import { concat, pack, pad, reshape, slice, split, transpose, unpack } from "./ops/shape.ts";
import { logSoftmax, softmax } from "./ops/softmax.ts";
import { standardise } from "./ops/standardise.ts";
import { apply, constant, input, type Shape, scalar, type Tensor } from "./tensor.ts";
import { leaves, topological } from "./traverse.ts";

const grid: Shape = [3, 4];
const volume: Shape = [2, 3, 5];

/** One case for each name of an op of one input. */
const each = (
  ops: Readonly<Record<string, (x: Tensor) => Tensor>>,
  shapes: readonly Shape[],
  spread?: GradientCase["spread"],
): GradientCase[] =>
  Object.entries(ops).map(([name, build]) => ({ name, shapes, build, ...(spread && { spread }) }) as GradientCase);

const binary: GradientCase[] = Object.entries({ add, sub, mul, div }).flatMap(([name, build]) =>
  (
    [
      [grid, grid],
      [grid, [4]],
      [[3, 1], grid],
      [[3, 1], [4]],
      [[], grid],
      [grid, []],
      [
        [2, 1, 5],
        [3, 1],
      ],
    ] as const
  ).map((shapes) => ({
    name: `${name} of [${shapes[0]}] and [${shapes[1]}]`,
    shapes,
    spread: "positive" as const,
    build,
  })),
);

const convolution = (x: Shape, w: Shape, options: ConvOptions = {}): GradientCase => ({
  name: `conv of [${x}] with [${w}], ${JSON.stringify(options)}`,
  shapes: [x, w, [w[0]!]],
  build: (x, w, bias) => conv(x!, w!, { ...options, bias: bias! }),
});

const transposed = (x: Shape, w: Shape, options: ConvTransposeOptions = {}): GradientCase => ({
  name: `convTranspose of [${x}] with [${w}], ${JSON.stringify(options)}`,
  shapes: [x, w, [w[1]! * (options.groups ?? 1)]],
  build: (x, w, bias) => convTranspose(x!, w!, { ...options, bias: bias! }),
});

/** The gradient of half the squared norm, itself to be differentiated. */
const gradientOf = (y: Tensor, ...wrt: Tensor[]): Tensor => pack(gradients(reduceSum(mul(y, mul(y, 0.5))), wrt));

const geometry: ConvGeometry = { stride: 2, padding: 1, groups: 1 };

const pooling = (x: Shape, options: PoolOptions): GradientCase[] =>
  each(
    {
      [`maxPool of [${x}], ${JSON.stringify(options)}`]: (t) => maxPool(t, options),
      [`avgPool of [${x}], ${JSON.stringify(options)}`]: (t) => avgPool(t, options),
    },
    [x],
    "apart",
  );

const labels = constant(Int32Array.of(2, 0, 2, 1, 2), [5]);

const cases: GradientCase[] = [
  ...binary,
  ...each({ log, sqrt, reciprocal }, [grid], "positive"),
  ...each({ neg, exp, sin, cos, tanh, sigmoid, silu, gelu }, [grid]),
  ...each(
    {
      relu,
      leakyRelu,
      "leakyRelu of slope 0.3": (x) => leakyRelu(x, 0.3),
      elu,
      clip: (x) => clip(x, -0.53, 0.61),
      "elu of alpha 1.7": (x) => elu(x, 1.7),
      "elu of alpha 0.4, twice": (x) => elu(elu(x, 0.4), 0.4),
    },
    [grid],
    "off zero",
  ),
  ...each(
    {
      "mul by itself": (x) => mul(x, x),
      "a value used three times": (x) => add(mul(x, x), div(x, add(mul(x, x), 1))),
      "a chain of 50": (x) => Array.from({ length: 50 }).reduce<Tensor>((y) => add(mul(y, 0.97), 0.01), x),
      "where of a comparison": (x) => where(greater(x, 0), mul(x, x), mul(x, 3)),
      "where broadcasting its answers": (x) =>
        where(greater(x, 0), reduceSum(x, { axes: [0], keepDims: true }), reduceMean(x)),
      "a value masked by a cast comparison": (x) => mul(x, cast(greater(x, 0), "float32")),
      "a factor for the largest column": (x) => mul(x, oneHot(argMax(x, 1), 4)),
    },
    [grid],
    "off zero",
  ),
  ...each(
    {
      "reduceSum of all": (x) => reduceSum(x),
      "reduceSum of axis 1": (x) => reduceSum(x, { axes: [1] }),
      "reduceSum of axes 0, -1, kept": (x) => reduceSum(x, { axes: [0, -1], keepDims: true }),
      "reduceMean of all": (x) => reduceMean(x),
      "reduceMean of axes -1, 1": (x) => reduceMean(x, { axes: [-1, 1] }),
      "reduceMean of axis 0, kept": (x) => reduceMean(x, { axes: [0], keepDims: true }),
      "reduceMax of all": (x) => reduceMax(x),
      "reduceMax of axis 2": (x) => reduceMax(x, { axes: [2] }),
      "reduceMax of axes 0, 1, kept": (x) => reduceMax(x, { axes: [0, 1], keepDims: true }),
      reshape: (x) => reshape(x, [5, 6]),
      "transpose [2, 0, 1]": (x) => transpose(x, [2, 0, 1]),
      "transpose [1, 2, 0]": (x) => transpose(x, [1, 2, 0]),
      "slice of axis 2, steps of 2": (x) => slice(x, { axes: [2], starts: [1], ends: [5], steps: [2] }),
      "slice of two axes, steps of 1 and 3": (x) =>
        slice(x, { axes: [1, 2], starts: [1, 0], ends: [3, 5], steps: [1, 3] }),
      "slice of all axes": (x) => slice(x, { axes: [2, 0, 1], starts: [2, 1, 0], ends: [4, 2, 2] }),
      pad: (x) => pad(x, { axes: [2, 0], before: [1, 0], after: [2, 3] }),
      "concat with itself": (x) => concat([x, mul(x, x), x], 1),
      "split, all parts": (x) => concat(split(x, [1, 3, 1], 2).toReversed(), 2),
      "split, one part unused": (x) => {
        const [a, , c] = split(x, [2, 1, 2], 2);
        return mul(a!, c!);
      },
      flip: (x) => flip(x, 2),
      "softmax of rank 3": softmax,
      "logSoftmax of rank 3": logSoftmax,
      "standardise over axes 0, 2": (x) => standardise(x, { axes: [0, 2], eps: 1e-5 }).normal,
      "standardise over axis 2, eps 0.3": (x) => standardise(x, { axes: [2], eps: 0.3 }).normal,
    },
    [volume],
    "apart",
  ),
  { name: "expand", shapes: [[2, 1, 5]], build: (x) => expand(x!, volume) },
  {
    name: "concat",
    shapes: [
      [2, 3],
      [4, 3],
      [1, 3],
    ],
    build: (...xs) => concat(xs, 0),
  },
  { name: "concat, one part constant", shapes: [[2, 3]], build: (x) => concat([scalarGrid, x!], 0) },
  {
    name: "unpack",
    shapes: [[16]],
    build: (x) =>
      matMul(
        ...(unpack(x!, [
          [2, 4],
          [4, 2],
        ]) as [Tensor, Tensor]),
      ),
  },
  { name: "pack", shapes: [[2, 2], [3], []], build: (...xs) => pack(xs) },
  { name: "gather, rows repeated", shapes: [[4, 3]], build: (table) => gather(table!, labels) },
  {
    name: "matMul",
    shapes: [
      [3, 4],
      [4, 5],
    ],
    build: (a, b) => matMul(a!, b!),
  },
  {
    name: "batchNorm",
    shapes: [[4, 3, 2], [3], [3]],
    build: (x, weight, bias) => batchNorm(x!, { weight: weight!, bias: bias!, eps: 0.1 }).y,
  },
  {
    name: "batchNorm of vectors",
    shapes: [[5, 2], [2], [2]],
    build: (x, weight, bias) => batchNorm(x!, { weight: weight!, bias: bias!, eps: 0.5 }).y,
  },
  {
    name: "maximum",
    shapes: [
      [3, 4],
      [3, 4],
      [3, 4],
    ],
    build: (...xs) => maximum(xs),
  },
  {
    name: "matMul, one for many",
    shapes: [
      [1, 2, 3, 4],
      [2, 1, 4, 2],
    ],
    build: (a, b) => matMul(a!, b!),
  },
  {
    name: "matMulByTransposed, one for many",
    shapes: [
      [2, 3, 4],
      [1, 2, 4],
    ],
    build: (a, b) => matMulByTransposed(a!, b!),
  },
  {
    name: "matMul, batched",
    shapes: [
      [2, 2, 3, 4],
      [2, 2, 4, 1],
    ],
    build: (a, b) => matMul(a!, b!),
  },
  ...[false, true].flatMap((transA) =>
    [false, true].map(
      (transB) =>
        ({
          name: `gemm, transA ${transA}, transB ${transB}`,
          shapes: [transA ? [4, 3] : [3, 4], transB ? [5, 4] : [4, 5], [5]],
          build: (a: Tensor, b: Tensor, bias: Tensor) => gemm(a, b, { transA, transB, bias }),
        }) as GradientCase,
    ),
  ),
  convolution([2, 3, 9], [4, 3, 1]),
  convolution([2, 3, 9], [4, 3, 2], { stride: 3 }),
  convolution([2, 3, 9], [4, 3, 5], { stride: 2, padding: 1 }),
  convolution([2, 1, 16], [3, 1, 7], { stride: 2, padding: 3 }),
  convolution([1, 2, 11], [2, 2, 5], { stride: 5 }),
  convolution([2, 4, 9], [6, 2, 3], { padding: 2, groups: 2 }),
  convolution([2, 3, 8], [3, 1, 3], { stride: 2, padding: 1, groups: 3 }),
  convolution([1, 3, 7], [6, 1, 2], { padding: 1, groups: 3 }),
  convolution([2, 6, 7], [4, 6, 3], { padding: 1 }),
  convolution([2, 8, 6], [2, 8, 3], { padding: 2 }),
  convolution([1, 4, 4, 5], [1, 4, 3, 3], { padding: 1 }),
  convolution([1, 17, 5], [5, 17, 2]),
  convolution([2, 2, 25], [3, 2, 9], { stride: 8, padding: 4 }),
  convolution([1, 2, 8, 8], [2, 2, 3, 3], { stride: 2, padding: 1 }),
  convolution([1, 8, 5, 5], [9, 8, 3, 3], { stride: 2 }),
  convolution([2, 2, 5, 6], [3, 2, 3, 3], { padding: 1 }),
  convolution([1, 2, 7, 8], [3, 2, 3, 2], { stride: 2, padding: 1 }),
  convolution([1, 2, 7, 7], [2, 2, 1, 1], { stride: 3, padding: 3 }),
  convolution([1, 4, 5, 5], [4, 1, 3, 3], { stride: 2, padding: 1, groups: 4 }),
  transposed([2, 3, 4], [3, 2, 3]),
  transposed([2, 3, 4], [3, 2, 7], { stride: 2, padding: 3, outputPadding: 1 }),
  transposed([2, 3, 4], [3, 2, 5], { stride: 5 }),
  transposed([2, 3, 4], [3, 2, 2], { stride: 3, outputPadding: 2 }),
  transposed([2, 4, 4], [4, 1, 3], { stride: 2, groups: 2 }),
  transposed([1, 2, 3, 4], [2, 3, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }),
  transposed([1, 4, 3, 3], [4, 1, 3, 2], { stride: 2, padding: 1, groups: 4 }),
  ...pooling([2, 2, 8], { kernel: 2 }),
  ...pooling([2, 2, 9], { kernel: 3, stride: 2, padding: 1 }),
  ...pooling([1, 2, 6, 7], { kernel: 2 }),
  ...pooling([1, 2, 6, 7], { kernel: 3, stride: 1, padding: 1 }),
  ...pooling([1, 1, 7, 7], { kernel: 2, stride: 3, padding: 1 }),
];

const scalarGrid = constant(Float32Array.of(1, 2, 3), [1, 3]);

const secondOrder: GradientCase[] = [
  ...each(
    {
      "mul and div": (x) => gradientOf(div(mul(x, x), add(x, 3)), x),
      "exp, log, sqrt": (x) => gradientOf(log(add(sqrt(add(exp(x), 1)), 0.3)), x),
      "tanh, sigmoid, silu": (x) => gradientOf(tanh(add(sigmoid(x), silu(x))), x),
      "relu, leakyRelu, elu": (x) => gradientOf(add(relu(mul(x, x)), add(leakyRelu(x), elu(x))), x),
      gelu: (x) => gradientOf(gelu(x), x),
      "softmax and logSoftmax": (x) => gradientOf(add(softmax(x), logSoftmax(x)), x),
      reduceMax: (x) => gradientOf(mul(x, reduceMax(x, { axes: [1], keepDims: true })), x),
      avgPool: (x) => gradientOf(avgPool(mul(reshape(x, [1, 3, 4]), 0.5), { kernel: 2 }), x),
    },
    [grid],
    "apart",
  ),
  {
    name: "matMul and gemm",
    shapes: [
      [3, 4],
      [4, 2],
    ],
    build: (a: Tensor, b: Tensor) => gradientOf(gemm(matMul(a!, b!), b!, { transB: true }), a!, b!),
  },
  {
    name: "conv",
    shapes: [
      [2, 3, 7],
      [2, 3, 3],
    ],
    build: (x: Tensor, w: Tensor) => gradientOf(conv(x!, w!, geometry), x!, w!),
  },
  {
    name: "grouped conv",
    shapes: [
      [1, 4, 5, 5],
      [4, 2, 3, 3],
    ],
    build: (x: Tensor, w: Tensor) => gradientOf(conv(x!, w!, { groups: 2, padding: 1 }), x!, w!),
  },
  {
    name: "convTranspose",
    shapes: [
      [2, 2, 4],
      [2, 3, 3],
    ],
    build: (x: Tensor, w: Tensor) => gradientOf(convTranspose(x!, w!, geometry), x!, w!),
  },
  {
    name: "inputAdjoint",
    shapes: [
      [2, 3, 4],
      [3, 2, 3],
    ],
    build: (y: Tensor, w: Tensor) => gradientOf(inputAdjoint(y!, w!, { ...geometry, spatial: [8] }), y!, w!),
  },
  {
    name: "weightAdjoint",
    shapes: [
      [2, 2, 8],
      [2, 3, 4],
    ],
    build: (x: Tensor, y: Tensor) => gradientOf(weightAdjoint(x!, y!, { ...geometry, kernel: [3] }), x!, y!),
  },
].map((c) => ({ ...c, name: `${c.name}, twice differentiated` }) as GradientCase);

onEachDevice("gradients agree with finite differences", (device) => {
  const all = [...cases, ...secondOrder];
  let errors = new Map<string, number>();
  beforeAll(async () => {
    errors = await gradientErrors(all, device);
  }, DEVICE_TIMEOUT_MS);
  it.each(all.map(({ name }) => name))("%s", (name) => {
    expect(errors.get(name)).toBeLessThan(2e-3);
  });
});

describe("gradients", () => {
  const x = input("x", [4]);

  it("are zeros when the loss does not depend on a tensor", () => {
    const [g] = gradients(reduceSum(x), [input("other", [2, 3])]);
    expect(g!.shape).toEqual([2, 3]);
    expect(g!.source).toMatchObject({ kind: "constant", data: new Float32Array(6) });
  });

  it("are 1 for the loss itself", () => {
    const loss = reduceSum(x);
    expect(gradients(loss, [loss])[0]!.source).toMatchObject({ kind: "constant", data: Float32Array.of(1) });
  });

  it("throw when the loss is no scalar", () => {
    expect(() => gradients(x, [x])).toThrow("gradients: the loss must be a scalar, got [4]");
  });

  it("throw when an op on the way is not differentiable", () => {
    const [y] = apply({ name: "mystery", infer: ([t]) => [t!] }, [x], {});
    expect(() => gradients(reduceSum(y!), [x])).toThrow("mystery is not differentiable");
    const { variance } = standardise(x, { axes: [0], eps: 1e-5 });
    expect(() => gradients(reduceSum(variance), [x])).toThrow("statistics are not differentiable");
  });

  it("make calls only between the wanted tensors and the loss", () => {
    const layers = (from: Tensor, names: string[]) => {
      let y = from;
      for (const name of names) y = tanh(matMul(y, input(name, [8, 8])));
      return y;
    };
    const hidden = layers(input("images", [2, 8]), ["w1", "w2", "w3", "w4"]);
    const bias = input("b", [8]);
    const loss = reduceSum(add(hidden, bias));
    const forward = new Set(topological([loss]));
    const products = (wanted: string) => {
      const wrt = leaves([loss]).find((t) => t.source.kind === "input" && t.source.name === wanted)!;
      const made = topological(gradients(loss, [wrt])).filter((call) => !forward.has(call));
      return made.filter((call) => call.op.name === "matMul").length;
    };
    expect(["b", "w4", "w3", "w2", "w1", "images"].map(products)).toEqual([0, 1, 2, 3, 4, 4]);
  });

  it("of a chain of 20 000 calls do not overflow the stack", () => {
    const one = scalar(1);
    let y = reduceSum(x);
    for (let i = 0; i < 20_000; i++) y = add(y, one);
    const [g] = gradients(y, [x]);
    expect(topological([g!]).length).toBeLessThan(5);
  });
});
