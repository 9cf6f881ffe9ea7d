import type { GradientCase } from "../../../test/support/finite-differences.ts";
import {
  each,
  filled,
  gradientOf,
  itComputes,
  itRefuses,
  itsGradientsAgree,
  matrix,
  twice,
} from "../../../test/support/op-suites.ts";
import { constant, input, type Shape, scalar } from "../tensor.ts";
import { reduceSum } from "./broadcast.ts";
import {
  add,
  cast,
  clip,
  cos,
  div,
  elu,
  equal,
  erf,
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
} from "./elementwise.ts";
import { reduceMean } from "./reduce.ts";

const grid: Shape = [3, 4];
const signs = matrix([[-1, 0, 1, 3]]);
const labels = input("labels", [3], "int32");

itComputes(
  {
    "add of a row and a column": [add(matrix([[1, 2]]), matrix([[10], [20]])), [2, 2], [11, 12, 21, 22]],
    "sub of a number from a tensor": [sub(signs, 1), [1, 4], [-2, -1, 0, 2]],
    "div of a number by a tensor": [div(6, matrix([[1, 2, 3]])), [1, 3], [6, 3, 2]],
    "mul with more axes on the right": [mul(matrix([[2, 3]]), filled([2, 1, 1], [1, 2])), [2, 1, 2], [2, 3, 4, 6]],
    clip: [clip(signs, -0.5, 2), [1, 4], [-0.5, 0, 1, 2]],
    greater: [greater(signs, 0), [1, 4], [0, 0, 1, 1]],
    equal: [equal(signs, 0), [1, 4], [0, 1, 0, 0]],
    "equal of integers": [equal(labels, constant(Int32Array.of(2), [1])), [3], [1, 0, 1]],
    where: [where(greater(signs, 0), signs, scalar(7)), [1, 4], [7, 7, 1, 3]],
    "cast to bool": [cast(signs, "bool"), [1, 4], [1, 0, 1, 1]],
    "cast to int32 drops the fraction": [cast(matrix([[1.9, -1.9]]), "int32"), [1, 2], [1, -1]],
  },
  { labels: Int32Array.of(2, 0, 2) },
);

const [narrow, wide] = [input("narrow", [3, 2]), input("wide", grid)];
itRefuses({
  "shapes that do not broadcast": [() => add(wide, narrow), "add: shapes [3, 4] and [3, 2] do not broadcast"],
  "two dtypes": [() => mul(wide, labels), "mul: dtypes of [3, 4] and [3] int32 differ"],
  "a condition of numbers": [() => where(wide, wide, wide), "where: the condition must be bool, got [3, 4]"],
  "a function of integers": [() => exp(labels), "exp: needs float32, got [3] int32"],
});

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

itsGradientsAgree([
  ...binary,
  ...each({ log, sqrt, reciprocal }, [grid], "positive"),
  ...each({ neg, exp, sin, cos, tanh, sigmoid, silu, gelu, erf }, [grid]),
  ...each(
    {
      relu,
      leakyRelu,
      "leakyRelu of slope 0.3": (x) => leakyRelu(x, 0.3),
      elu,
      clip: (x) => clip(x, -0.53, 0.61),
      "elu of alpha 1.7": (x) => elu(x, 1.7),
      "elu of alpha 0.4, twice": (x) => elu(elu(x, 0.4), 0.4),
      "where of a comparison": (x) => where(greater(x, 0), mul(x, x), mul(x, 3)),
      "where broadcasting its answers": (x) =>
        where(greater(x, 0), reduceSum(x, { axes: [0], keepDims: true }), reduceMean(x)),
      "a value masked by a cast comparison": (x) => mul(x, cast(greater(x, 0), "float32")),
    },
    [grid],
    "off zero",
  ),
  ...twice(
    each(
      {
        "mul and div": (x) => gradientOf(div(mul(x, x), add(x, 3)), x),
        "exp, log, sqrt": (x) => gradientOf(log(add(sqrt(add(exp(x), 1)), 0.3)), x),
        "tanh, sigmoid, silu": (x) => gradientOf(tanh(add(sigmoid(x), silu(x))), x),
        "relu, leakyRelu, elu": (x) => gradientOf(add(relu(mul(x, x)), add(leakyRelu(x), elu(x))), x),
        gelu: (x) => gradientOf(gelu(x), x),
      },
      [grid],
      "apart",
    ),
  ),
]);
