import { expect, it } from "vitest";

import { fill } from "../../../test/support/fill.ts";
import { at } from "../../lookup.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { expand, reduceSum } from "../ops/broadcast.ts";
import { conv } from "../ops/conv.ts";
import { add, clip, gelu, mul, tanh } from "../ops/elementwise.ts";
import { gemm, matMul } from "../ops/linear.ts";
import { reduceMax, reduceMean } from "../ops/reduce.ts";
import { concat, pad, reshape, slice, split, transpose } from "../ops/shape.ts";
import { softmax } from "../ops/softmax.ts";
import { standardise } from "../ops/standardise.ts";
import { constant, input, sizeOf, type Tensor } from "../tensor.ts";
import { unbatchableOps, vmap } from "./vmap.ts";

const COUNT = 3;
const SHAPE = [2, 4];
const values = fill("x", COUNT * sizeOf(SHAPE));
const shared = input("shared", SHAPE);

/** Functions of what differs between the networks and of what they share. */
const cases: Readonly<Record<string, (own: Tensor, shared: Tensor) => Tensor>> = {
  "elementwise, with more axes on one side": (x) => mul(tanh(x), slice(x, { axes: [0], starts: [0], ends: [1] })),
  "of own and shared values": (x, y) => clip(add(x, y), -0.5, 0.5),
  "composed of others": (x) => gelu(x),
  standardised: (x) => standardise(x, { axes: [1], eps: 1e-5 }).normal,
  softmax: (x) => softmax(x),
  reductions: (x) => add(reduceSum(x, { axes: [0] }), reduceMax(x, { axes: [-1], keepDims: true })),
  "mean of all": (x) => reduceMean(x),
  shapes: (x) => transpose(reshape(x, [4, 1, 2]), [2, 0, 1]),
  expanded: (x) => expand(reshape(x, [2, 1, 4]), [2, 3, 4]),
  padded: (x) => pad(x, { axes: [1], before: [1], after: [2] }),
  "joined with shared values": (x, y) => concat([x, y, x], 0),
  split: (x) => at(split(x, [1, 3], 1), 1),
  "product with shared values": (x, y) => matMul(x, transpose(y, [1, 0])),
  "product of transposes, with a bias": (x, y) =>
    gemm(x, reshape(y, [4, 2]), {
      transA: true,
      transB: true,
      bias: reshape(slice(x, { axes: [0], starts: [0], ends: [1] }), [4]),
    }),
  "of shared values alone": (_, y) => mul(y, 2),
};

it.each(Object.entries(cases))("batches over networks, each as alone: %s", async (_, build) => {
  const own = input("own", SHAPE);
  const stacked = constant(values, [COUNT, ...SHAPE]);
  const batched = at(vmap([build(own, shared)], COUNT, new Map([[own, stacked]])), 0);
  const each = Array.from({ length: COUNT }, (_unused, i) => {
    const part = values.slice(i * sizeOf(SHAPE), (i + 1) * sizeOf(SHAPE));
    return build(constant(part, SHAPE), shared);
  });
  expect(batched.shape).toEqual([COUNT, ...at(each, 0).shape]);
  const program = await compile<string>(
    { batched, ...Object.fromEntries(each.map((y, i) => [`alone ${i}`, y])) },
    nodeDevice({ name: "cpu", threads: 1 }),
  );
  const results = await program.run({ shared: fill("shared", sizeOf(SHAPE)) });
  await program.release();
  const alone = each.flatMap((_unused, i) => [...(results[`alone ${i}`] as Float32Array)]);
  for (const [i, value] of (results.batched as Float32Array).entries()) expect(value).toBeCloseTo(at(alone, i), 6);
});

it("names the ops that it has no rule for, and refuses them", () => {
  const x = input("x", [1, 2, 5]);
  const y = conv(x, input("w", [3, 2, 3]));
  expect(unbatchableOps([tanh(y), y])).toEqual(["conv"]);
  expect(unbatchableOps([gelu(x)])).toEqual([]);
  expect(() => vmap([y], 2, new Map([[x, input("xs", [2, 1, 2, 5])]]))).toThrow("conv cannot be batched over networks");
});
