import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fill } from "../../../test/support/fill.ts";
import { compile } from "../../runtime/index.ts";
import { gradients } from "../gradients.ts";
import { input, type Shape, sizeOf, type Target, type Tensor } from "../tensor.ts";
import { lower, topological } from "../traverse.ts";
import { conv, convTranspose, inputAdjoint, weightAdjoint } from "./conv.ts";
import { convInHalves } from "./conv-halves.ts";
import { mul } from "./elementwise.ts";
import { reduceSum } from "./reduce.ts";

/** A convolution to try: shapes `[batch, in, …]` and `[out, in / groups, …]`. */
interface Case {
  readonly x: Shape;
  readonly w: Shape;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

const nameOf = (t: Tensor): string => (t.source as { readonly name: string }).name;

/** Every position of a shape, in row-major order. */
const positions = (shape: Shape): number[][] =>
  shape.reduce<number[][]>((all, d) => all.flatMap((p) => Array.from({ length: d }, (_, i) => [...p, i])), [[]]);

const offset = (shape: Shape, at: readonly number[]): number => at.reduce((sum, i, axis) => sum * shape[axis]! + i, 0);

const resultShape = ({ x, w, stride, padding }: Case): number[] => [
  x[0]!,
  w[0]!,
  ...x.slice(2).map((d, i) => Math.floor((d + 2 * padding - w[i + 2]!) / stride) + 1),
];

/** Convolution by its definition, in float64. */
function naive(c: Case, x: Float32Array, w: Float32Array): Float64Array {
  const shape = resultShape(c);
  const into = c.w[1]!;
  const y = new Float64Array(sizeOf(shape));
  for (const at of positions(shape)) {
    const [example, channel, ...place] = at as [number, number, ...number[]];
    const group = Math.floor(channel / (c.w[0]! / c.groups));
    let sum = 0;
    for (const [input, ...tap] of positions(c.w.slice(1)) as [number, ...number[]][]) {
      const from = place.map((p, i) => p * c.stride + tap[i]! - c.padding);
      if (from.some((p, i) => p < 0 || p >= c.x[i + 2]!)) continue;
      sum += x[offset(c.x, [example, group * into + input, ...from])]! * w[offset(c.w, [channel, input, ...tap])]!;
    }
    y[offset(shape, at)] = sum;
  }
  return y;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const cases: fc.Arbitrary<Case> = fc
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
  it("is what its definition says, and its adjoints are adjoint to it", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        const { stride, padding, groups } = c;
        const geometry = { stride, padding, groups };
        const [x, w, y] = [input("x", c.x), input("w", c.w), input("y", resultShape(c))];
        const toInput = inputAdjoint(y, w, { ...geometry, spatial: c.x.slice(2) });
        const program = await compile(
          {
            result: conv(x, w, geometry),
            toInput,
            byPhases: lower([toInput], "anywhere")[0]!,
            toWeight: weightAdjoint(x, y, { ...geometry, kernel: c.w.slice(2) }),
          },
          { name: "cpu", threads: 1 },
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
        expect(Math.abs(dot(data.x, adjoint.toInput!) - product)).toBeLessThan(tolerance);
        expect(Math.abs(dot(data.x, adjoint.byPhases!) - product)).toBeLessThan(tolerance);
        expect(Math.abs(dot(data.w, adjoint.toWeight!) - product)).toBeLessThan(tolerance);
      }),
      { numRuns: 100 },
    );
  });

  it("is the same in halves, and so are its gradients", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 0, max: 4 }),
        async (length, taps, padding) => {
          fc.pre(length + 2 * padding >= taps);
          const [x, w, bias] = [input("x", [2, 3, length]), input("w", [4, 3, taps]), input("bias", [4])];
          const results = (y: Tensor) => [y, ...gradients(reduceSum(mul(y, y)), [x, w, bias])];
          const plain = results(conv(x, w, { padding, bias }));
          const halves = results(convInHalves(x, w, { padding, bias }, conv));
          const named = Object.fromEntries([...plain, ...halves].map((t, i) => [`y${i}`, t]));
          const program = await compile(named, { name: "cpu", threads: 1 });
          const feeds = Object.fromEntries([x, w, bias].map((t) => [nameOf(t), fill(nameOf(t), sizeOf(t.shape))]));
          const found = (await program.run(feeds)) as Record<string, Float32Array>;
          await program.release();
          for (const [i, t] of plain.entries()) {
            expect(halves[i]!.shape).toEqual(t.shape);
            const [expected, got] = [found[`y${i}`]!, found[`y${i + plain.length}`]!];
            for (const [j, value] of expected.entries())
              expect(Math.abs(got[j]! - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("has its input's gradient added up on a CPU where that is faster: to fewer channels; by convolutions anywhere else", () => {
    const ops = (target: Target, [out, into, ...kernel]: Shape, size: number) => {
      const y = input("y", [2, out!, ...kernel.map(() => size)]);
      const spatial = kernel.map((k) => size + k - 1);
      const x = inputAdjoint(y, input("w", [out!, into!, ...kernel]), { stride: 1, padding: 0, groups: 1, spatial });
      return topological(lower([x], target)).map(({ op }) => op.name);
    };
    expect(ops("cpu", [32, 16, 3, 3], 13)).toContain("convTranspose");
    expect(ops("cpu", [32, 16, 3], 13)).toContain("convTranspose");
    for (const w of [
      [64, 64, 3, 3],
      [16, 16, 3],
      [16, 32, 3, 3],
    ])
      expect(ops("cpu", w, 13)).toContain("conv");
    expect(ops("anywhere", [32, 16, 3, 3], 13)).toContain("conv");
  });

  it("is made of halves where these are faster: many channels, a long axis, several taps", () => {
    const ops = (x: Shape, w: Shape, options = {}) =>
      topological([conv(input("x", x), input("w", w), { padding: 1, ...options })]).filter((c) => c.op.name === "conv")
        .length;
    expect(ops([1, 128, 128], [256, 128, 4])).toBe(3);
    expect(ops([1, 128, 128], [256, 128, 7])).toBe(7); // of four, four and three taps, those of four again
    expect(ops([1, 64, 128], [256, 64, 4])).toBe(1);
    expect(ops([1, 128, 12], [256, 128, 4])).toBe(1);
    expect(ops([1, 128, 128], [256, 128, 3])).toBe(1);
    expect(ops([1, 128, 128], [256, 128, 4], { stride: 2 })).toBe(1);
    expect(ops([1, 128, 64, 64], [256, 128, 4, 4])).toBe(1);
  });

  it("refuses shapes that do not fit, naming them", () => {
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
  it("refuses shapes that do not fit, naming them", () => {
    const x = input("x", [2, 4, 9]);
    const fails = (shape: Shape, options = {}) => expect(() => convTranspose(x, input("w", shape), options));
    fails([3, 4, 3]).toThrow("convTranspose: weight [3, 4, 3] does not fit input [2, 4, 9]");
    fails([4, 4, 3, 3]).toThrow("convTranspose: weight [4, 4, 3, 3] does not fit input [2, 4, 9]");
    fails([4, 2, 3], { stride: 2, outputPadding: 2 }).toThrow("output padding 2 leave no result");
    fails([4, 2, 1], { padding: 5 }).toThrow("padding 5, output padding 0 leave no result");
    fails([4, 2, 3], { bias: input("b", [4]) }).toThrow("convTranspose: [4] is no bias for 2 channels");
  });
});
