import { expect, it } from "vitest";

import { layoutOf } from "../layout/index.ts";
import { key } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { baseline } from "./baselines.ts";
import { spreadOf } from "./noise.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it("noise starts from any of the originals", async () => {
  const layout = layoutOf([{ name: "w", shape: [2], kind: "linear" }]);
  const many = { count: 4, dimension: 2, values: Float32Array.from({ length: 8 }, (_, i) => 100 * Math.floor(i / 2)) };
  const drawn = await baseline("noise-absolute:0.001").draw(many, { count: 100, key: key(7), layout, device });
  expect(new Set(Array.from(drawn, Math.round))).toEqual(new Set([0, 100, 200, 300]));
});

it("the spread of a tensor is its unbiased standard deviation, and 0 of a single value", () => {
  expect(spreadOf(Float32Array.of(1, 3, 5))).toBe(2);
  expect(spreadOf(Float32Array.of(7))).toBe(0);
});
