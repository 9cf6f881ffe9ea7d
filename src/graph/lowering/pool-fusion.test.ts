import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fill } from "../../../test/support/fill.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { gradients } from "../gradients.ts";
import { reduceSum } from "../ops/broadcast.ts";
import { conv } from "../ops/conv.ts";
import { mul } from "../ops/elementwise.ts";
import { maxPool } from "../ops/pool.ts";
import { input, sizeOf, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { pooledConv } from "./pool-fusion.ts";

const nameOf = (t: Tensor): string => (t.source as { readonly name: string }).name;

describe("pooledConv", () => {
  it("equals a convolution and its pooling, gradients included, which go to the first of equals", async () => {
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

  it("refuses shapes that the convolution or the pooling refuses", () => {
    const pooled = (size: number) => () =>
      pooledConv(input("x", [2, 1, size, size]), input("w", [4, 1, 3, 3]), input("b", [4]));
    expect(pooled(2)).toThrow("conv: input [2, 1, 2, 2] with padding 0 is smaller than kernel [4, 1, 3, 3]");
    expect(pooled(3)).toThrow("maxPool: input [2, 4, 1, 1] is smaller than kernel 2");
  });

  it("is one convolution of four kernels when its input has few channels", () => {
    const pools = (into: number) =>
      topological([pooledConv(input("x", [2, into, 9, 9]), input("w", [4, into, 3, 3]), input("b", [4]))]).some(
        ({ op }) => op.name === "maxPool",
      );
    expect([1, 3, 8, 9].map(pools)).toEqual([false, false, false, true]);
  });
});
