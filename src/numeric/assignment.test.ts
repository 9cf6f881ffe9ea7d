import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { key, normal } from "../random/index.ts";
import { assignment } from "./assignment.ts";

/** Every order of n things. */
const orders = (n: number): number[][] =>
  n === 0 ? [[]] : orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, i) => rest.toSpliced(i, 0, n - 1)));

describe("an assignment", () => {
  it("costs the least of all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.nat(1e6), async (n, seed) => {
        const cost = normal(key(seed), n * n).map((x) => Math.round(4 * x));
        const sums = orders(n).map((columns) => columns.reduce((sum, j, i) => sum + cost[i * n + j]!, 0));
        const { total, columns } = await assignment(cost, n);
        expect(total).toBe(Math.min(...sums));
        expect([...columns].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it("throws when the signal aborts", async () => {
    const cost = normal(key(1), 1000 ** 2);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    await expect(assignment(cost, 1000, controller.signal)).rejects.toThrow("stopped");
  });
});
