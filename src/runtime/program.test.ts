import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { add, argMax, cast, greater, input, mul, reduceSum } from "../graph/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import type { Device } from "./device.ts";
import { compile, type Program } from "./program.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });

describe("a program", () => {
  let program: Program<"sum" | "scaled" | "largest">;
  beforeAll(async () => {
    const [x, scale] = [input("x", [2, 3]), input("scale", [])];
    const scaled = mul(x, scale);
    program = await compile({ sum: reduceSum(x), scaled, largest: argMax(scaled, 1) }, device);
  });
  afterAll(() => program.release());

  const x = Float32Array.of(1, 2, 3, 6, 5, 4);
  const scale = Float32Array.of(2);

  it("lists its inputs and outputs", () => {
    expect([...program.inputs].map(([name, { shape, dtype }]) => [name, shape, dtype])).toEqual([
      ["x", [2, 3], "float32"],
      ["scale", [], "float32"],
    ]);
    expect(program.outputs.largest).toMatchObject({ shape: [2], dtype: "int32" });
  });

  it("returns a new array for every output", async () => {
    const first = await program.run({ x, scale });
    const second = await program.run({ x, scale: Float32Array.of(-1) });
    expect(first).toEqual({
      sum: Float32Array.of(21),
      scaled: Float32Array.of(2, 4, 6, 12, 10, 8),
      largest: Int32Array.of(2, 0),
    });
    expect(second.scaled).toEqual(Float32Array.of(-1, -2, -3, -6, -5, -4));
    expect(second.largest).toEqual(Int32Array.of(0, 2));
  });

  it("writes into given arrays", async () => {
    const scaled = new Float32Array(6);
    const result = await program.run({ x, scale }, { scaled });
    expect(result.scaled).toBe(scaled);
    expect(scaled).toEqual(Float32Array.of(2, 4, 6, 12, 10, 8));
  });

  it("reads an array again at every run", async () => {
    const changing = x.slice();
    await program.run({ x: changing, scale });
    changing.fill(1);
    expect((await program.run({ x: changing, scale })).sum).toEqual(Float32Array.of(6));
  });

  it("reads and writes parts of larger arrays", async () => {
    const buffer = new Float32Array(10).fill(9);
    const scaled = buffer.subarray(2, 8);
    const whole = Float32Array.of(0, ...x, 0);
    await program.run({ x: whole.subarray(1, 7), scale }, { scaled });
    expect(buffer).toEqual(Float32Array.of(9, 9, 2, 4, 6, 12, 10, 8, 9, 9));
  });

  it("refuses feeds that are missing, of another length or of another dtype", async () => {
    await expect(program.run({ x })).rejects.toThrow("input scale is missing");
    await expect(program.run({ x: x.subarray(1), scale })).rejects.toThrow("x has 5 elements, its shape is [2, 3]");
    await expect(program.run({ x: new Int32Array(6), scale })).rejects.toThrow();
    await expect(program.run({ x, scale }, { sum: new Float32Array(2) })).rejects.toThrow(
      "sum has 2 elements, its shape is []",
    );
  });
});

it("a program takes and gives every dtype", async () => {
  const [a, b] = [input("a", [2], "int32"), input("b", [2], "int64")];
  const program = await compile(
    { int32: add(a, a), int64: cast(a, "int64"), bool: greater(cast(b, "float32"), 1), input: b },
    device,
  );
  const result = await program.run({ a: Int32Array.of(3, -4), b: BigInt64Array.of(1n, 2n) });
  await program.release();
  expect(result).toEqual({
    int32: Int32Array.of(6, -8),
    int64: BigInt64Array.of(3n, -4n),
    bool: Uint8Array.of(0, 1),
    input: BigInt64Array.of(1n, 2n),
  });
});
