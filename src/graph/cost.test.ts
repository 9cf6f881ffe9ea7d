import { describe, expect, it } from "vitest";
import { cost } from "./cost.ts";
import { conv } from "./ops/conv.ts";
import { add, mul, silu, tanh } from "./ops/elementwise.ts";
import { gather } from "./ops/gather.ts";
import { gemm, matMul } from "./ops/linear.ts";
import { input, scalar } from "./tensor.ts";

describe("cost", () => {
  it("counts the arithmetic of products and convolutions, two for a multiply-add", () => {
    const flops = (t: Parameters<typeof cost>[0][number]) => cost([t]).flops;
    expect(flops(matMul(input("a", [5, 2, 3]), input("b", [5, 3, 4])))).toBe(2 * 5 * 2 * 3 * 4);
    expect(flops(gemm(input("a", [3, 2]), input("b", [3, 4]), { transA: true }))).toBe(2 * 2 * 3 * 4);
    expect(flops(gemm(input("a", [2, 3]), input("b", [4, 3]), { transB: true }))).toBe(2 * 2 * 3 * 4);
    const [image, kernel] = [input("x", [2, 4, 6, 6]), input("w", [8, 2, 3, 3])];
    expect(flops(conv(image, kernel, { groups: 2, stride: 2, padding: 1 }))).toBe(2 * 2 * 8 * 9 * 2 * 9);
  });

  it("counts only the gathered rows of a table", () => {
    const rows = gather(input("table", [1000, 5]), input("indices", [4], "int32"));
    expect(cost([rows])).toMatchObject({ calls: 1, traffic: 4 * (20 + 20 + 4), flops: 0 });
  });

  it("counts calls and traffic of the lowered graph", () => {
    const x = input("x", [10]);
    // σ(x) reads and writes 10 numbers, the product reads 20 and writes 10.
    expect(cost([silu(x)])).toMatchObject({ calls: 2, traffic: 4 * (20 + 30), flops: 0 });
  });

  it("finds peak memory: inputs, constants, and values until their last use", () => {
    let y = input("x", [100]);
    for (let i = 0; i < 10; i++) y = tanh(y);
    expect(cost([y]).peak).toBe(4 * (100 + 200));
    const kept = tanh(input("x", [100]));
    expect(cost([add(tanh(tanh(kept)), kept)]).peak).toBe(4 * (100 + 300));
    expect(cost([mul(input("x", [100]), scalar(2))]).peak).toBe(4 * (100 + 1 + 100));
  });
});
