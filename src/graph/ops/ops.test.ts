import { beforeAll, describe, expect, it } from "vitest";

import { DEVICE_TIMEOUT_MS, onEachDevice } from "../../../test/support/devices.ts";
import { relativeError } from "../../../test/support/fixtures.ts";
import { compile, type Data } from "../../runtime/index.ts";
import { gradients } from "../gradients.ts";
import { flip } from "../lowering/interleave.ts";
import { constant, input, type Shape, scalar, type Tensor } from "../tensor.ts";
import { expand, reduceSum } from "./broadcast.ts";
import { add, cast, clip, div, equal, greater, mul, sub, where } from "./elementwise.ts";
import { gather, oneHot } from "./gather.ts";
import { gemm, matMul } from "./linear.ts";
import { avgPool, maxPool } from "./pool.ts";
import { argMax, reduceMax, reduceMean } from "./reduce.ts";
import { concat, pack, pad, reshape, slice, split, transpose, unpack } from "./shape.ts";
import { standardise } from "./standardise.ts";

/** 1, 2, 3, … in a shape. */
const x = input("x", [2, 3, 4]);
const counting = Float32Array.from({ length: 24 }, (_, i) => i + 1);
const labels = input("labels", [3], "int32");

const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  constant(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);

const a = matrix([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const b = matrix([
  [1, 0, 2],
  [0, 1, 3],
]);
const signs = matrix([[-1, 0, 1, 3]]);
const standardised = standardise(
  matrix([
    [1, 3],
    [2, 8],
  ]),
  { axes: [1], eps: 0 },
);

const flat = input("flat", [1, 1, 2, 4]);
const gradientOf = (y: Tensor): Tensor => gradients(reduceSum(y), [flat])[0]!;

/** Tensors, their shapes and their elements. */
const cases: Readonly<Record<string, [Tensor, Shape, number[]]>> = {
  "add of a row and a column": [add(matrix([[1, 2]]), matrix([[10], [20]])), [2, 2], [11, 12, 21, 22]],
  "sub of a number from a tensor": [sub(signs, 1), [1, 4], [-2, -1, 0, 2]],
  "div of a number by a tensor": [div(6, matrix([[1, 2, 3]])), [1, 3], [6, 3, 2]],
  "mul with more axes on the right": [
    mul(matrix([[2, 3]]), constant(Float32Array.of(1, 2), [2, 1, 1])),
    [2, 1, 2],
    [2, 3, 4, 6],
  ],
  clip: [clip(signs, -0.5, 2), [1, 4], [-0.5, 0, 1, 2]],
  greater: [greater(signs, 0), [1, 4], [0, 0, 1, 1]],
  equal: [equal(signs, 0), [1, 4], [0, 1, 0, 0]],
  "equal of integers": [equal(labels, constant(Int32Array.of(2), [1])), [3], [1, 0, 1]],
  where: [where(greater(signs, 0), signs, scalar(7)), [1, 4], [7, 7, 1, 3]],
  "cast to bool": [cast(signs, "bool"), [1, 4], [1, 0, 1, 1]],
  "cast to int32 drops the fraction": [cast(matrix([[1.9, -1.9]]), "int32"), [1, 2], [1, -1]],
  "reduceSum of all": [reduceSum(x), [], [300]],
  "reduceSum of axes 0 and -1": [reduceSum(x, { axes: [0, -1] }), [3], [68, 100, 132]],
  "reduceMean, kept": [reduceMean(x, { axes: [1, 2], keepDims: true }), [2, 1, 1], [6.5, 18.5]],
  "reduceMax of axis 1": [reduceMax(x, { axes: [1] }), [2, 4], [9, 10, 11, 12, 21, 22, 23, 24]],
  "argMax, the first of equals": [
    argMax(
      matrix([
        [1, 4, 4],
        [9, 0, 2],
      ]),
      -1,
    ),
    [2],
    [1, 0],
  ],
  reshape: [slice(reshape(x, [4, 6]), { axes: [0], starts: [1], ends: [2] }), [1, 6], [7, 8, 9, 10, 11, 12]],
  transpose: [slice(transpose(x, [2, 0, 1]), { axes: [0], starts: [3], ends: [4] }), [1, 2, 3], [4, 8, 12, 16, 20, 24]],
  expand: [expand(matrix([[1], [2]]), [2, 3]), [2, 3], [1, 1, 1, 2, 2, 2]],
  "slice with a step": [
    slice(x, { axes: [2, 1], starts: [1, 0], ends: [4, 3], steps: [2, 2] }),
    [2, 2, 2],
    [2, 4, 10, 12, 14, 16, 22, 24],
  ],
  pad: [pad(matrix([[1, 2]]), { axes: [1, 0], before: [1, 0], after: [0, 1] }), [2, 3], [0, 1, 2, 0, 0, 0]],
  "pad with a value": [
    pad(matrix([[1, 2]]), { axes: [1], before: [0], after: [2], value: -5 }),
    [1, 4],
    [1, 2, -5, -5],
  ],
  concat: [concat([matrix([[1, 2]]), matrix([[3, 4]])], 1), [1, 4], [1, 2, 3, 4]],
  split: [split(x, [1, 3], 2)[0]!, [2, 3, 1], [1, 5, 9, 13, 17, 21]],
  "unpack, the second part": [
    unpack(reshape(x, [24]), [[4], [3, 6], [2]])[1]!,
    [3, 6],
    Array.from({ length: 18 }, (_, i) => i + 5),
  ],
  pack: [pack([matrix([[1], [2]]), scalar(3)]), [3], [1, 2, 3]],
  flip: [flip(b, 1), [2, 3], [2, 0, 1, 3, 1, 0]],
  gather: [gather(a, labels), [3, 2], [5, 6, 1, 2, 5, 6]],
  oneHot: [oneHot(labels, 4), [3, 4], [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0]],
  matMul: [matMul(a, b), [3, 3], [1, 2, 8, 3, 4, 18, 5, 6, 28]],
  "gemm of both transposed, with a bias": [
    gemm(b, a, { transA: true, transB: true, bias: constant(Float32Array.of(10, 20, 30), [3]) }),
    [3, 3],
    [11, 23, 35, 12, 24, 36, 18, 38, 58],
  ],
  "maxPool, padded": [
    maxPool(constant(Float32Array.of(-3, -2, -1, -4), [1, 1, 4]), { kernel: 3, stride: 2, padding: 1 }),
    [1, 1, 2],
    [-2, -1],
  ],
  "avgPool, counting the padding": [
    avgPool(constant(Float32Array.of(3, 6, 9, 12), [1, 1, 4]), { kernel: 3, stride: 2, padding: 1 }),
    [1, 1, 2],
    [3, 9],
  ],
  // The first of equal maxima takes the whole gradient, as in PyTorch …
  "gradient of maxPool at equal maxima": [
    gradientOf(maxPool(flat, { kernel: 2 })),
    [1, 1, 2, 4],
    [1, 0, 0, 1, 0, 0, 0, 0],
  ],
  // … or they share it, also as in PyTorch (amax).
  "gradient of reduceMax at equal maxima": [
    gradientOf(reduceMax(flat, { axes: [3] })),
    [1, 1, 2, 4],
    [0, 0, 0, 1, 0, 0, 0.5, 0.5],
  ],
  "standardise, the values": [standardised.normal, [2, 2], [-1, 1, -1, 1]],
  "standardise, the mean": [standardised.mean, [2, 1], [2, 5]],
  "standardise, the biased variance": [standardised.variance, [2, 1], [1, 9]],
};

onEachDevice("the value of", (device) => {
  let results: Record<string, Data> = {};
  beforeAll(async () => {
    const outputs = Object.fromEntries(Object.entries(cases).map(([name, [tensor]]) => [name, tensor]));
    const program = await compile(outputs, device);
    results = await program.run({
      x: counting,
      labels: Int32Array.of(2, 0, 2),
      flat: Float32Array.of(5, 5, 1, 7, 5, 2, 7, 7),
    });
    await program.release();
  }, DEVICE_TIMEOUT_MS);
  it.each(Object.entries(cases))("%s", (name, [tensor, shape, elements]) => {
    expect(tensor.shape).toEqual(shape);
    const actual = Array.from(results[name]!, Number);
    if (device.name === "cpu") expect(actual).toEqual(elements);
    else expect(relativeError(actual, elements)).toBeLessThan(1e-5);
  });
});

describe("an op refuses what does not fit:", () => {
  const narrow = input("narrow", [3, 2]);
  const grid = input("grid", [3, 4]);
  const volume = input("volume", [1, 2, 4]);
  const refused: Readonly<Record<string, [() => unknown, string]>> = {
    "shapes that do not broadcast": [() => add(grid, narrow), "add: shapes [3, 4] and [3, 2] do not broadcast"],
    "two dtypes": [() => mul(grid, labels), "mul: dtypes of [3, 4] and [3] int32 differ"],
    "a condition of numbers": [() => where(grid, grid, grid), "where: the condition must be bool, got [3, 4]"],
    "another size": [() => reshape(grid, [5, 2]), "reshape: [3, 4] has not the size of [5, 2]"],
    "an order of other axes": [() => transpose(grid, [0, 2]), "transpose: [0, 2] does not order the axes of [3, 4]"],
    "an order of too few axes": [() => transpose(grid, [0]), "transpose: [0] does not order the axes of [3, 4]"],
    "repeating an axis that is not 1": [() => expand(grid, [3, 8]), "expand: [3, 4] does not expand to [3, 8]"],
    "a slice past the end": [
      () => slice(grid, { axes: [1], starts: [2], ends: [5] }),
      "slice: 2:5:1 along axis 1 of [3, 4]",
    ],
    "a pad of an axis that is not there": [
      () => pad(grid, { axes: [2], before: [1], after: [0] }),
      "pad: axis 2 of [3, 4]",
    ],
    "parts of other widths": [() => concat([grid, narrow], 0), "concat: [3, 4], [3, 2] do not join along axis 0"],
    "parts that do not add up": [() => split(grid, [1, 2], 1), "split: [3, 4] into [1, 2] along axis 1"],
    "one part that is not the whole": [() => split(grid, [3], 1), "split: [3, 4] into [3] along axis 1"],
    "indices that are not whole": [
      () => gather(grid, grid),
      "gather: takes rows of a table [rows, width] by int indices",
    ],
    "a product of misfits": [() => matMul(grid, narrow), "matMul: cannot multiply [3, 4] by [3, 2]"],
    "a transposed product of misfits": [
      () => gemm(grid, narrow, { transB: true }),
      "gemm: cannot multiply [3, 4] by [3, 2]",
    ],
    "a bias of another width": [
      () => gemm(grid, narrow, { transA: true, bias: labels }),
      "gemm: [3] int32 is no bias for 2 columns",
    ],
    "a reduction of a missing axis": [() => reduceSum(grid, { axes: [2] }), "reduceSum: axes [2] of [3, 4]"],
    "the maximum along a missing axis": [() => argMax(grid, 2), "argMax: axis 2 of [3, 4]"],
    "standardising over nothing": [() => standardise(grid, { axes: [], eps: 1 }), "standardise: axes [] of [3, 4]"],
    "a window larger than the input": [
      () => maxPool(volume, { kernel: 5 }),
      "maxPool: input [1, 2, 4] is smaller than kernel 5",
    ],
    "padding over half of the window": [
      () => avgPool(volume, { kernel: 3, padding: 2 }),
      "avgPool: kernel 3, padding 2 on [1, 2, 4]",
    ],
    "an empty dimension": [() => input("empty", [2, 0]), "dimensions are whole numbers from 1, got [2, 0]"],
    "a constant of another size": [() => constant(Float32Array.of(1, 2), [3]), "constant: 2 elements for shape [3]"],
  };
  it.each(Object.entries(refused))("%s", (_, [build, message]) => {
    expect(build).toThrow(expect.objectContaining({ code: "E_SHAPE", message: expect.stringContaining(message) }));
  });
});
