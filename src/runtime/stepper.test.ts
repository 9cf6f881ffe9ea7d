import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { add, gather, input, mul, reduceSum, sub } from "../graph/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { type Stepper, stepper } from "./stepper.ts";

describe.each([1, 2, 16])("a stepper of up to %i steps a run", (maxSteps) => {
  let fibonacci: Stepper<"now" | "before", "sum">;
  beforeAll(async () => {
    const [now, before, rate] = [input("now", [2]), input("before", [2]), input("rate", [])];
    const next = add(mul(now, rate), before);
    const state = { now: { input: now, next }, before: { input: before, next: now } };
    const outputs = { sum: reduceSum(sub(next, now)) };
    fibonacci = await stepper({ state, outputs, maxSteps, device: nodeDevice({ name: "cpu", threads: 1 }) });
  });
  afterAll(() => fibonacci.release());

  const rate = Float32Array.of(1);
  const step = async () => {
    fibonacci.queue({ rate });
    return (await fibonacci.run())[0]!;
  };

  it("starts with state of zeros", async () => {
    expect(await fibonacci.read("now")).toEqual(new Float32Array(2));
  });

  it("computes all next state from the state before the step", async () => {
    fibonacci.write("now", Float32Array.of(1, 2));
    fibonacci.write("before", Float32Array.of(0, 0));
    const seen = [];
    for (let i = 0; i < 6; i++) {
      await step();
      seen.push([...(await fibonacci.read("now"))]);
    }
    expect(seen).toEqual([
      [1, 2],
      [2, 4],
      [3, 6],
      [5, 10],
      [8, 16],
      [13, 26],
    ]);
    expect(await fibonacci.read("before")).toEqual(Float32Array.of(8, 16));
  });

  it("returns outputs in arrays that the next run reuses", async () => {
    fibonacci.write("now", Float32Array.of(1, 1));
    fibonacci.write("before", Float32Array.of(5, 5));
    const first = await step();
    expect(first.sum[0]).toBe(10);
    const second = await step();
    expect(second.sum).toBe(first.sum);
  });

  it("keeps its state when a step is fed wrongly", async () => {
    fibonacci.write("now", Float32Array.of(3, 4));
    expect(() => fibonacci.queue({})).toThrow("input rate is missing");
    expect(() => fibonacci.queue({ rate: new Float32Array(2) })).toThrow("input rate takes 1 numbers, got 2");
    expect(await fibonacci.run()).toEqual([]);
    expect(await fibonacci.read("now")).toEqual(Float32Array.of(3, 4));
  });

  it("does queued steps in order, each with its own inputs, and returns the outputs of each", async () => {
    fibonacci.write("now", Float32Array.of(1, 2));
    fibonacci.write("before", Float32Array.of(0, 0));
    const sums = [];
    const fed = Float32Array.of(0);
    for (let at = 0; at < 6; ) {
      for (let i = 0; i < maxSteps && at < 6; i++) {
        fed[0] = at++ % 2 === 0 ? 2 : 1;
        fibonacci.queue({ rate: fed });
      }
      for (const { sum } of await fibonacci.run()) sums.push(sum[0]!);
    }
    // now 1, 2, 3, 8, 11, 30, 41 and twice as much.
    expect(sums).toEqual([3, 3, 15, 9, 57, 33]);
    expect(await fibonacci.read("now")).toEqual(Float32Array.of(41, 82));
    expect(await fibonacci.read("before")).toEqual(Float32Array.of(30, 60));
  });

  it("refuses more steps than a run can do", async () => {
    for (let i = 0; i < maxSteps; i++) fibonacci.queue({ rate });
    expect(() => fibonacci.queue({ rate })).toThrow(/steps? (is|are) queued already/);
    await fibonacci.run();
  });

  it("copies state that is written and read", async () => {
    const values = Float32Array.of(7, 8);
    fibonacci.write("now", values);
    values.fill(0);
    (await fibonacci.read("now")).fill(0);
    expect(await fibonacci.read("now")).toEqual(Float32Array.of(7, 8));
  });

  it("refuses state of another length", async () => {
    expect(() => fibonacci.write("now", new Float32Array(1))).toThrow("state now has 2 elements, got 1");
    expect(() => fibonacci.write("now", new Float32Array(3))).toThrow("state now has 2 elements, got 3");
  });

  it("takes fixed inputs once, and the others at every step", async () => {
    const [sum, row, table] = [input("sum", [1, 2]), input("row", [1], "int32"), input("table", [3, 2])];
    const adder = await stepper({
      state: { sum: { input: sum, next: add(sum, gather(table, row)) } },
      outputs: {},
      fixed: { table: Float32Array.of(1, 2, 10, 20, 100, 200) },
      maxSteps,
      device: nodeDevice({ name: "cpu", threads: 1 }),
    });
    for (const i of [2, 0, 2]) {
      adder.queue({ row: Int32Array.of(i) });
      if (adder.queued === maxSteps) await adder.run();
    }
    await adder.run();
    expect(await adder.read("sum")).toEqual(Float32Array.of(201, 402));
    await adder.release();
  });
});
