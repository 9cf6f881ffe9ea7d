import { expect, it } from "vitest";

import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { pack, unpack } from "../ops/shape.ts";
import { input, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { lower } from "./lower.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** The graph as a GPU gets it, made of the ops that the lowering for a CPU leaves alone. */
const forGpu = (outputs: readonly Tensor[]) => lower(outputs, { target: "anywhere" });

it.each([
  ["parts that begin where rows begin", [64 * 64 * 9, 64, 64, 128 * 9 * 64, 10 * 512, 10]],
  ["short parts among long ones", [144, 16, 18_432, 128, 64_000, 64, 128_000, 144, 1]],
  ["one long part between short ones", [10, 70_000, 5, 64]],
  ["parts of odd sizes", [7, 9, 70_001, 3, 5]],
])("packs and unpacks a long vector exactly when it is lowered for a GPU: %s", async (_, sizes) => {
  const total = sizes.reduce((a, b) => a + b);
  const values = new Float32Array(total).map((_, i) => i);
  const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const slices = sizes.map((size, i) => values.subarray(offsets[i]!, offsets[i]! + size));

  const cut = forGpu(
    unpack(
      input("x", [total]),
      sizes.map((size) => [size]),
    ),
  );
  const unpacking = await compile(Object.fromEntries(cut.map((t, i) => [`part${i}`, t])), device);
  const parts = await unpacking.run({ x: values });
  slices.forEach((slice, i) => {
    expect(Buffer.from(parts[`part${i}`]!.buffer).equals(Buffer.from(slice.slice().buffer))).toBe(true);
  });
  await unpacking.release();

  const [joined] = forGpu([pack(sizes.map((size, i) => input(`part${i}`, [size])))]);
  const packing = await compile({ out: joined! }, device);
  const { out } = await packing.run(Object.fromEntries(slices.map((slice, i) => [`part${i}`, slice])));
  expect(Buffer.from(out.buffer).equals(Buffer.from(values.buffer))).toBe(true);
  await packing.release();
});

it("joins the parts of a long vector along a short axis of rows for a GPU, and as they are for a CPU", () => {
  const parts = [36_864, 64, 64, 73_728, 5120, 10].map((size, i) => input(`part${i}`, [size]));
  const joins = (target: "cpu" | "anywhere") =>
    topological(lower([pack(parts)], { target }))
      .filter(({ op }) => op.name === "concat")
      .map(({ outputs }) => outputs[0]!.shape);
  expect(joins("cpu")).toEqual([[115_850]]);
  expect(Math.max(...joins("anywhere").map(([length]) => length!))).toBeLessThan(2000);
});
