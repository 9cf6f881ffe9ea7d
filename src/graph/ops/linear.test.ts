import type { GradientCase } from "../../../test/support/finite-differences.ts";
import {
  filled,
  gradientOf,
  itComputes,
  itRefuses,
  itsGradientsAgree,
  matrix,
  twice,
} from "../../../test/support/op-suites.ts";
import { input, type Tensor } from "../tensor.ts";
import { gemm, matMul, matMulByTransposed } from "./linear.ts";

const a = matrix([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const b = matrix([
  [1, 0, 2],
  [0, 1, 3],
]);

itComputes({
  matMul: [matMul(a, b), [3, 3], [1, 2, 8, 3, 4, 18, 5, 6, 28]],
  matMulByTransposed: [matMulByTransposed(a, a), [3, 3], [5, 11, 17, 11, 25, 39, 17, 39, 61]],
  "gemm of both transposed, with a bias": [
    gemm(b, a, { transA: true, transB: true, bias: filled([3], [10, 20, 30]) }),
    [3, 3],
    [11, 23, 35, 12, 24, 36, 18, 38, 58],
  ],
});

const [grid, narrow, labels] = [input("grid", [3, 4]), input("narrow", [3, 2]), input("labels", [3], "int32")];
itRefuses({
  "a product of misfits": [() => matMul(grid, narrow), "matMul: cannot multiply [3, 4] by [3, 2]"],
  "a transposed product of misfits": [
    () => gemm(grid, narrow, { transB: true }),
    "gemm: cannot multiply [3, 4] by [3, 2]",
  ],
  "a bias of another width": [
    () => gemm(grid, narrow, { transA: true, bias: labels }),
    "gemm: [3] int32 is no bias for 2 columns",
  ],
});

itsGradientsAgree([
  {
    name: "matMul",
    shapes: [
      [3, 4],
      [4, 5],
    ],
    build: (p, q) => matMul(p!, q!),
  },
  {
    name: "matMul, one for many",
    shapes: [
      [1, 2, 3, 4],
      [2, 1, 4, 2],
    ],
    build: (p, q) => matMul(p!, q!),
  },
  {
    name: "matMulByTransposed, one for many",
    shapes: [
      [2, 3, 4],
      [1, 2, 4],
    ],
    build: (p, q) => matMulByTransposed(p!, q!),
  },
  {
    name: "matMul, batched",
    shapes: [
      [2, 2, 3, 4],
      [2, 2, 4, 1],
    ],
    build: (p, q) => matMul(p!, q!),
  },
  ...[false, true].flatMap((transA) =>
    [false, true].map(
      (transB) =>
        ({
          name: `gemm, transA ${transA}, transB ${transB}`,
          shapes: [transA ? [4, 3] : [3, 4], transB ? [5, 4] : [4, 5], [5]],
          build: (p: Tensor, q: Tensor, bias: Tensor) => gemm(p, q, { transA, transB, bias }),
        }) as GradientCase,
    ),
  ),
  ...twice([
    {
      name: "matMul and gemm",
      shapes: [
        [3, 4],
        [4, 2],
      ],
      build: (p, q) => gradientOf(gemm(matMul(p!, q!), q!, { transB: true }), p!, q!),
    },
  ]),
]);
