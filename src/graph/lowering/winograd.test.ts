import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fill } from "../../../test/support/fill.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { gradients } from "../gradients.ts";
import { reduceSum } from "../ops/broadcast.ts";
import { conv } from "../ops/conv.ts";
import { mul } from "../ops/elementwise.ts";
import { input, type Shape, sizeOf, type Target, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { lower } from "./lower.ts";

const nameOf = (t: Tensor): string => (t.source as { readonly name: string }).name;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

describe("a Winograd convolution", () => {
  it("has the results and gradients of the plain convolution, to rounding", async () => {
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

  it("transforms each operand once for all three directions", () => {
    const [x, w] = [input("x", [50, 128, 128]), input("w", [256, 128, 7])];
    const y = conv(x, w, { padding: 3 });
    const step = [y, ...gradients(reduceSum(mul(y, y)), [x, w])];
    // Inputs, weight and results to the points, three products, and back from there.
    expect(topological(lower(step, { target: "cpu" })).filter(({ op }) => op.name === "matMul")).toHaveLength(9);
  });

  it("is used on a CPU when channels are many, axes short, taps several and tiles enough", () => {
    const isWinograd = (x: Shape, w: Shape, options = {}, target: Target = "cpu") =>
      topological(lower([conv(input("x", x), input("w", w), { padding: 1, ...options })], { target })).every(
        ({ op }) => op.name !== "conv",
      );
    expect(isWinograd([50, 128, 128], [256, 128, 7])).toBe(true);
    expect(isWinograd([64, 64, 32, 32], [64, 64, 3, 3])).toBe(true);
    expect(isWinograd([64, 512, 4, 4], [512, 512, 3, 3])).toBe(true);
    expect(isWinograd([64, 512, 4, 4], [512, 512, 3, 3], {}, "anywhere")).toBe(false);
    expect(isWinograd([16, 512, 4, 4], [512, 512, 3, 3])).toBe(false);
    expect(isWinograd([64, 64, 56, 56], [64, 64, 3, 3])).toBe(false);
    expect(isWinograd([50, 64, 128], [256, 64, 7])).toBe(false);
    expect(isWinograd([64, 32, 15, 15], [32, 32, 3, 3])).toBe(false);
    expect(isWinograd([64, 128, 16, 16], [256, 128, 3, 3], { stride: 2 })).toBe(false);
    expect(isWinograd([64, 128, 16, 16], [128, 1, 3, 3], { groups: 128 })).toBe(false);
    expect(isWinograd([64, 128, 16, 16], [128, 128, 1, 1])).toBe(false);
    expect(isWinograd([64, 128, 8, 8], [128, 128, 5, 5])).toBe(false);
  });
});
