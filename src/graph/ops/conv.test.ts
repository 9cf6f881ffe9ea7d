import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Convolution, resultShape, visitProducts } from "../../../test/support/convolution.ts";
import { fill } from "../../../test/support/fill.ts";
import type { GradientCase } from "../../../test/support/finite-differences.ts";
import { gradientOf, itsGradientsAgree, twice } from "../../../test/support/op-suites.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { lower } from "../lowering/lower.ts";
import { input, type Shape, sizeOf } from "../tensor.ts";
import {
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  inputAdjoint,
  weightAdjoint,
} from "./conv.ts";
import type { ConvGeometry } from "./kernel.ts";

/** Convolution by its definition, in float64. */
function naive(c: Convolution, x: Float32Array, w: Float32Array): Float64Array {
  const y = new Float64Array(sizeOf(resultShape(c)));
  visitProducts(c, (i, j, k) => {
    y[k]! += x[i]! * w[j]!;
  });
  return y;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const cases: fc.Arbitrary<Convolution> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    into: fc.integer({ min: 1, max: 3 }),
    out: fc.integer({ min: 1, max: 3 }),
    groups: fc.constantFrom(1, 1, 2, 3),
    spatial: fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 2 }),
    kernel: fc.tuple(fc.constantFrom(1, 2, 3, 5, 7), fc.constantFrom(1, 2, 3, 5, 7)),
    stride: fc.integer({ min: 1, max: 4 }),
    padding: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ batch, into, out, groups, spatial, kernel, stride, padding }) => ({
    x: [batch, into * groups, ...spatial],
    w: [out * groups, into, ...kernel.slice(0, spatial.length)],
    stride,
    padding,
    groups,
  }))
  .filter((c) => resultShape(c).every((d) => d > 0));

describe("a convolution", () => {
  it("equals its definition, and its adjoints are adjoint to it, with lowering rules and without", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        const { stride, padding, groups } = c;
        const geometry = { stride, padding, groups };
        const [x, w, y] = [input("x", c.x), input("w", c.w), input("y", resultShape(c))];
        const toInput = inputAdjoint(y, w, { ...geometry, spatial: c.x.slice(2) });
        const toWeight = weightAdjoint(x, y, { ...geometry, kernel: c.w.slice(2) });
        const program = await compile(
          {
            result: conv(x, w, geometry),
            toInput,
            byPhases: lower([toInput], { target: "anywhere" })[0]!,
            toWeight,
            plainInput: lower([toInput], { rules: {} })[0]!,
            plainWeight: lower([toWeight], { rules: {} })[0]!,
          },
          nodeDevice({ name: "cpu", threads: 1 }),
        );
        const data = { x: fill("x", sizeOf(x.shape)), w: fill("w", sizeOf(w.shape)), y: fill("y", sizeOf(y.shape)) };
        const { result, ...adjoint } = (await program.run(data)) as Record<string, Float32Array>;
        await program.release();

        const expected = naive(c, data.x, data.w);
        expect(result!.length).toBe(expected.length);
        for (const [i, value] of expected.entries()) expect(Math.abs(result![i]! - value)).toBeLessThan(1e-5);

        // <conv(x, w), y> = <x, inputAdjoint(y, w)> = <w, weightAdjoint(x, y)>
        const product = dot(expected, data.y);
        const tolerance = 1e-6 * (1 + Math.sqrt(dot(expected, expected) * dot(data.y, data.y)));
        for (const name of ["toInput", "byPhases", "plainInput"])
          expect(Math.abs(dot(data.x, adjoint[name]!) - product), name).toBeLessThan(tolerance);
        for (const name of ["toWeight", "plainWeight"])
          expect(Math.abs(dot(data.w, adjoint[name]!) - product), name).toBeLessThan(tolerance);
      }),
      { numRuns: 100 },
    );
  });

  it("names the shapes when they do not fit", () => {
    const x = input("x", [2, 4, 9]);
    const fails = (shape: Shape, options = {}) => expect(() => conv(x, input("w", shape), options));
    fails([8, 3, 3]).toThrow("conv: weight [8, 3, 3] does not fit input [2, 4, 9]");
    fails([8, 4, 3, 3]).toThrow("conv: weight [8, 4, 3, 3] does not fit input [2, 4, 9]");
    fails([3, 2, 3], { groups: 2 }).toThrow("conv: weight [3, 2, 3] in 2 groups does not fit input [2, 4, 9]");
    fails([8, 4, 12], { padding: 1 }).toThrow("input [2, 4, 9] with padding 1 is smaller than kernel [8, 4, 12]");
    fails([8, 4, 3], { bias: input("b", [4]) }).toThrow("conv: [4] is no bias for 8 channels");
    expect(() => conv(input("x", [1, 128, 50]), input("w", [128, 128, 60]))).toThrow(
      "conv: input [1, 128, 50] with padding 0",
    );
  });
});

describe("a transposed convolution", () => {
  it("names the shapes when they do not fit", () => {
    const x = input("x", [2, 4, 9]);
    const fails = (shape: Shape, options = {}) => expect(() => convTranspose(x, input("w", shape), options));
    fails([3, 4, 3]).toThrow("convTranspose: weight [3, 4, 3] does not fit input [2, 4, 9]");
    fails([4, 4, 3, 3]).toThrow("convTranspose: weight [4, 4, 3, 3] does not fit input [2, 4, 9]");
    fails([4, 2, 3], { stride: 2, outputPadding: 2 }).toThrow("output padding 2 leave no result");
    fails([4, 2, 1], { padding: 5 }).toThrow("padding 5, output padding 0 leave no result");
    fails([4, 2, 3], { bias: input("b", [4]) }).toThrow("convTranspose: [4] is no bias for 2 channels");
  });
});

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

const geometry: ConvGeometry = { stride: 2, padding: 1, groups: 1 };

itsGradientsAgree([
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
  ...twice([
    {
      name: "conv",
      shapes: [
        [2, 3, 7],
        [2, 3, 3],
      ],
      build: (x, w) => gradientOf(conv(x!, w!, geometry), x!, w!),
    },
    {
      name: "grouped conv",
      shapes: [
        [1, 4, 5, 5],
        [4, 2, 3, 3],
      ],
      build: (x, w) => gradientOf(conv(x!, w!, { groups: 2, padding: 1 }), x!, w!),
    },
    {
      name: "convTranspose",
      shapes: [
        [2, 2, 4],
        [2, 3, 3],
      ],
      build: (x, w) => gradientOf(convTranspose(x!, w!, geometry), x!, w!),
    },
    {
      name: "inputAdjoint",
      shapes: [
        [2, 3, 4],
        [3, 2, 3],
      ],
      build: (y, w) => gradientOf(inputAdjoint(y!, w!, { ...geometry, spatial: [8] }), y!, w!),
    },
    {
      name: "weightAdjoint",
      shapes: [
        [2, 2, 8],
        [2, 3, 4],
      ],
      build: (x, y) => gradientOf(weightAdjoint(x!, y!, { ...geometry, kernel: [3] }), x!, y!),
    },
  ]),
]);
