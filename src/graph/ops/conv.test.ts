import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fill } from "../../../test/support/fill.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { gradients } from "../gradients.ts";
import { lower } from "../lowering/lower.ts";
import { pooledConv } from "../lowering/pool-fusion.ts";
import { input, type Shape, sizeOf, type Target, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { reduceSum } from "./broadcast.ts";
import { conv, convTranspose, inputAdjoint, weightAdjoint } from "./conv.ts";
import { mul } from "./elementwise.ts";
import { maxPool } from "./pool.ts";

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
            byPhases: lower([toInput], { target: "anywhere" })[0]!,
            toWeight: weightAdjoint(x, y, { ...geometry, kernel: c.w.slice(2) }),
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
        expect(Math.abs(dot(data.x, adjoint.toInput!) - product)).toBeLessThan(tolerance);
        expect(Math.abs(dot(data.x, adjoint.byPhases!) - product)).toBeLessThan(tolerance);
        expect(Math.abs(dot(data.w, adjoint.toWeight!) - product)).toBeLessThan(tolerance);
      }),
      { numRuns: 100 },
    );
  });

  it("is the same by points, and so are its gradients", async () => {
    const along = fc.record({ taps: fc.integer({ min: 3, max: 9 }), size: fc.tuple(fc.integer({ min: 4, max: 40 })) });
    const plane = fc.record({
      taps: fc.constant(3),
      size: fc.tuple(fc.integer({ min: 4, max: 14 }), fc.integer({ min: 4, max: 14 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(along, plane), fc.integer({ min: 0, max: 4 }), async ({ taps, size }, padding) => {
        fc.pre(size.every((n) => n + 2 * padding >= taps + 3));
        const kernel = size.map(() => taps);
        const [x, w, bias] = [input("x", [32, 64, ...size]), input("w", [72, 64, ...kernel]), input("bias", [72])];
        const y = conv(x, w, { padding, bias });
        const results = [y, ...gradients(reduceSum(mul(y, y)), [x, w, bias])];
        const names = topological(lower(results, { target: "cpu" })).map(({ op }) => op.name);
        expect(names).not.toContain("conv");
        const plain = lower(results, { target: "anywhere" });
        const named = Object.fromEntries([...plain, ...results].map((t, i) => [`y${i}`, t]));
        const program = await compile(named, nodeDevice({ name: "cpu", threads: 1 }));
        const feeds = Object.fromEntries([x, w, bias].map((t) => [nameOf(t), fill(nameOf(t), sizeOf(t.shape))]));
        const found = (await program.run(feeds)) as Record<string, Float32Array>;
        await program.release();
        for (const [i, t] of plain.entries()) {
          expect(results[i]!.shape).toEqual(t.shape);
          const [expected, got] = [found[`y${i}`]!, found[`y${i + plain.length}`]!];
          const error = expected.map((value, j) => got[j]! - value);
          expect(Math.sqrt(dot(error, error) / dot(expected, expected))).toBeLessThan(2e-6);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("has its values at points computed once for all three directions", () => {
    const [x, w] = [input("x", [50, 128, 128]), input("w", [256, 128, 7])];
    const y = conv(x, w, { padding: 3 });
    const step = [y, ...gradients(reduceSum(mul(y, y)), [x, w])];
    // Inputs, weight and results to the points, three products, and back from there.
    expect(topological(lower(step, { target: "cpu" })).filter(({ op }) => op.name === "matMul")).toHaveLength(9);
  });

  it("has its input's gradient added up on a CPU where that is faster: to fewer channels; by convolutions anywhere else", () => {
    const ops = (target: Target, [out, into, ...kernel]: Shape, size: number) => {
      const y = input("y", [2, out!, ...kernel.map(() => size)]);
      const spatial = kernel.map((k) => size + k - 1);
      const x = inputAdjoint(y, input("w", [out!, into!, ...kernel]), { stride: 1, padding: 0, groups: 1, spatial });
      return topological(lower([x], { target })).map(({ op }) => op.name);
    };
    expect(ops("cpu", [32, 16, 3, 3], 13)).toContain("convTranspose");
    expect(ops("cpu", [32, 16, 3], 13)).toContain("convTranspose");
    for (const w of [
      [48, 48, 3, 3],
      [16, 16, 3],
      [16, 32, 3, 3],
    ])
      expect(ops("cpu", w, 13)).toContain("conv");
    expect(ops("anywhere", [32, 16, 3, 3], 13)).toContain("conv");
  });

  it("is computed by points on a CPU where that is faster: many channels, short axes, several taps, enough tiles", () => {
    const byPoints = (x: Shape, w: Shape, options = {}, target: Target = "cpu") =>
      topological(lower([conv(input("x", x), input("w", w), { padding: 1, ...options })], { target })).every(
        ({ op }) => op.name !== "conv",
      );
    expect(byPoints([50, 128, 128], [256, 128, 7])).toBe(true);
    expect(byPoints([64, 64, 32, 32], [64, 64, 3, 3])).toBe(true);
    expect(byPoints([64, 512, 4, 4], [512, 512, 3, 3])).toBe(true);
    expect(byPoints([64, 512, 4, 4], [512, 512, 3, 3], {}, "anywhere")).toBe(false);
    expect(byPoints([16, 512, 4, 4], [512, 512, 3, 3])).toBe(false);
    expect(byPoints([64, 64, 56, 56], [64, 64, 3, 3])).toBe(false);
    expect(byPoints([50, 64, 128], [256, 64, 7])).toBe(false);
    expect(byPoints([64, 32, 15, 15], [32, 32, 3, 3])).toBe(false);
    expect(byPoints([64, 128, 16, 16], [256, 128, 3, 3], { stride: 2 })).toBe(false);
    expect(byPoints([64, 128, 16, 16], [128, 1, 3, 3], { groups: 128 })).toBe(false);
    expect(byPoints([64, 128, 16, 16], [128, 128, 1, 1])).toBe(false);
    expect(byPoints([64, 128, 8, 8], [128, 128, 5, 5])).toBe(false);
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

describe("a convolution that is pooled", () => {
  it("is the convolution and then its pooling, and so are its gradients, to the first of equals", async () => {
    const cases = fc.record({
      into: fc.integer({ min: 1, max: 9 }),
      size: fc.tuple(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 4, max: 12 })),
      kernel: fc.integer({ min: 1, max: 3 }),
      flat: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ into, size, kernel, flat }) => {
        const [x, w, bias] = [
          input("x", [2, into, ...size]),
          input("w", [5, into, kernel, kernel]),
          input("bias", [5]),
        ];
        const results = (y: Tensor) => [y, ...gradients(reduceSum(mul(y, y)), [x, w, bias])];
        const plain = results(maxPool(conv(x, w, { bias }), { kernel: 2 }));
        const pooled = results(pooledConv(x, w, bias));
        const program = await compile(
          Object.fromEntries([...plain, ...pooled].map((t, i) => [`y${i}`, t])),
          nodeDevice({ name: "cpu", threads: 1 }),
        );
        // Whole numbers, so that sums in any order are the same and many results are equal.
        const feeds = Object.fromEntries(
          [x, w, bias].map((t) => [
            nameOf(t),
            fill(nameOf(t), sizeOf(t.shape), -2, 2).map((v) => (flat && t === x ? 1 : Math.round(v))),
          ]),
        );
        const found = (await program.run(feeds)) as Record<string, Float32Array>;
        await program.release();
        for (const i of plain.keys()) expect(found[`y${i + plain.length}`]).toEqual(found[`y${i}`]);
      }),
      { numRuns: 40 },
    );
  });

  it("refuses shapes that do not fit, as the two would", () => {
    const pooled = (size: number) => () =>
      pooledConv(input("x", [2, 1, size, size]), input("w", [4, 1, 3, 3]), input("b", [4]));
    expect(pooled(2)).toThrow("conv: input [2, 1, 2, 2] with padding 0 is smaller than kernel [4, 1, 3, 3]");
    expect(pooled(3)).toThrow("maxPool: input [2, 4, 1, 1] is smaller than kernel 2");
  });

  it("is four convolutions in one where its input has few channels", () => {
    const pools = (into: number) =>
      topological([pooledConv(input("x", [2, into, 9, 9]), input("w", [4, into, 3, 3]), input("b", [4]))]).some(
        ({ op }) => op.name === "maxPool",
      );
    expect([1, 3, 8, 9].map(pools)).toEqual([false, false, false, true]);
  });
});
