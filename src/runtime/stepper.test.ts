import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { add, input, mul, reduceSum, sub } from "../graph/index.ts";
import { type Stepper, stepper } from "./index.ts";

describe("a stepper", () => {
  let fibonacci: Stepper<"now" | "before", "sum">;
  beforeAll(async () => {
    const [now, before, rate] = [input("now", [2]), input("before", [2]), input("rate", [])];
    const next = add(mul(now, rate), before);
    const state = { now: { input: now, next }, before: { input: before, next: now } };
    fibonacci = await stepper(state, { sum: reduceSum(sub(next, now)) }, { name: "cpu", threads: 1 });
  });
  afterAll(() => fibonacci.release());

  const rate = Float32Array.of(1);

  it("begins with zeros", () => {
    expect(fibonacci.read("now")).toEqual(new Float32Array(2));
  });

  it("replaces all its state at once, from what it was", async () => {
    fibonacci.write("now", Float32Array.of(1, 2));
    fibonacci.write("before", Float32Array.of(0, 0));
    const seen = [];
    for (let i = 0; i < 6; i++) {
      await fibonacci.step({ rate });
      seen.push([...fibonacci.read("now")]);
    }
    expect(seen).toEqual([
      [1, 2],
      [2, 4],
      [3, 6],
      [5, 10],
      [8, 16],
      [13, 26],
    ]);
    expect(fibonacci.read("before")).toEqual(Float32Array.of(8, 16));
  });

  it("returns the other outputs, in arrays that it uses again", async () => {
    fibonacci.write("now", Float32Array.of(1, 1));
    fibonacci.write("before", Float32Array.of(5, 5));
    const first = await fibonacci.step({ rate });
    expect(first.sum[0]).toBe(10);
    const second = await fibonacci.step({ rate });
    expect(second.sum).toBe(first.sum);
  });

  it("is left as it was by a step that fails", async () => {
    fibonacci.write("now", Float32Array.of(3, 4));
    await expect(fibonacci.step({})).rejects.toThrow("nothing was fed to input rate");
    expect(fibonacci.read("now")).toEqual(Float32Array.of(3, 4));
  });

  it("copies what it is given and what it gives", () => {
    const values = Float32Array.of(7, 8);
    fibonacci.write("now", values);
    values.fill(0);
    fibonacci.read("now").fill(0);
    expect(fibonacci.read("now")).toEqual(Float32Array.of(7, 8));
  });

  it("refuses state of another length", () => {
    expect(() => fibonacci.write("now", new Float32Array(1))).toThrow("state now has 2 elements, got 1");
    expect(() => fibonacci.write("now", new Float32Array(3))).toThrow("state now has 2 elements, got 3");
  });
});
