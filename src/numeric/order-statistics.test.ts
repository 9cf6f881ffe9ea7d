import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { orderStatistics } from "./order-statistics.ts";

describe("order statistics", () => {
  it("are the values at these places of the sorted array", async () => {
    await fc.assert(
      fc.asyncProperty(fc.float32Array({ minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(), async (values, i, j) => {
        const ranks = [i % values.length, j % values.length];
        const sorted = values.toSorted();
        const found = await orderStatistics(values, ranks);
        expect(found).toEqual(ranks.map((rank) => sorted[rank]));
      }),
    );
  });

  it("tell zeros apart, and put NaN of either sign last", async () => {
    const values = Float32Array.of(0, Number.NaN, -Infinity, -0, Infinity);
    new Int32Array(values.buffer)[1] = -1;
    expect(await orderStatistics(values, [0, 1, 2, 3, 4])).toEqual([-Infinity, -0, 0, Infinity, Number.NaN]);
  });

  it("are those of a part of a larger array", async () => {
    expect(await orderStatistics(Float32Array.of(9, 3, 2, 1).subarray(1), [0, 2])).toEqual([1, 3]);
  });

  it("throws when there is no such place", async () => {
    await expect(orderStatistics(Float32Array.of(1), [1])).rejects.toThrow("no value of rank 1 among 1");
  });
});
