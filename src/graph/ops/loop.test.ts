import { describe, expect, it } from "vitest";

import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { encode } from "../encode.ts";
import { constant, input } from "../tensor.ts";
import { add, mul } from "./elementwise.ts";
import { gather } from "./gather.ts";
import { matMul } from "./linear.ts";
import { loop } from "./loop.ts";
import { reshape } from "./shape.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** x ← m x + noise[trip], three times. */
function affine() {
  const [x, noise] = [input("x", [1, 2]), input("noise", [3, 2])];
  const m = constant(Float32Array.of(1, 1, 0, 2), [2, 2]);
  return loop([x], { trips: 3, captured: [noise] }, (index, [state], [rows]) => [
    add(matMul(state!, m), gather(rows!, reshape(index, [1]))),
  ])[0]!;
}

describe("a loop", () => {
  it("computes each state from the state before, the trip's number and captured tensors", async () => {
    const program = await compile({ y: affine() }, device);
    const run = await program.run({ x: Float32Array.of(1, 0), noise: Float32Array.of(0, 1, 2, 3, 4, 5) });
    await program.release();
    // [1, 0] → [1, 2] → [3, 8] → [7, 24]
    expect(run.y).toEqual(Float32Array.of(7, 24));
  });

  it("may be nested in another loop, and follow one", async () => {
    const x = input("x", [2]);
    const [twice] = loop([x], { trips: 2 }, (_, s) => loop(s, { trips: 3 }, (_, [inner]) => [add(inner!, 1)]));
    const [other] = loop([x], { trips: 4 }, (_, [s]) => [mul(s!, 2)]);
    const program = await compile({ twice: twice!, other: other! }, device);
    const run = await program.run({ x: Float32Array.of(1, -1) });
    await program.release();
    expect(run.twice).toEqual(Float32Array.of(7, 5));
    expect(run.other).toEqual(Float32Array.of(16, -16));
  });

  it("carries several states for the given number of trips", async () => {
    const [a, b, trips] = [input("a", [2]), input("b", [2]), input("trips", [], "int64")];
    const [last, before] = loop([a, b], { trips }, (_, [x, y]) => [add(x!, y!), x!]);
    const program = await compile({ last: last!, before: before! }, device);
    const run = (count: bigint) =>
      program.run({ a: Float32Array.of(1, 2), b: Float32Array.of(0, 0), trips: BigInt64Array.of(count) });
    const [none, five] = [await run(0n), await run(5n)];
    await program.release();
    expect(none).toEqual({ last: Float32Array.of(1, 2), before: Float32Array.of(0, 0) });
    expect(five).toEqual({ last: Float32Array.of(8, 16), before: Float32Array.of(5, 10) });
  });

  it("gives the same bytes for the same graph", () => {
    expect(encode({ y: affine() }).bytes).toEqual(encode({ y: affine() }).bytes);
  });

  it("refuses a body that changes the shape of a state", () => {
    expect(() => loop([input("x", [2])], { trips: 2 }, (_, [s]) => [reshape(s!, [1, 2])])).toThrow(
      "loop: a trip makes [1, 2] of [2]; expected the same shape",
    );
    expect(() => loop([input("x", [2])], { trips: input("n", [1], "int64") }, (_, s) => s)).toThrow(
      "loop: the number of trips is [1] int64; expected [] int64",
    );
  });
});
