import { expect, it } from "vitest";

import { input, sizeOf } from "../graph/index.ts";
import { drawn, key } from "../random/index.ts";
import { compile } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { depthRates, dropPath } from "./drop-path.ts";
import { trace } from "./scope.ts";

const x = input("x", [400, 3, 2]);

it("leaves out whole examples in training and keeps the mean", async () => {
  const { outputs, noise } = trace((at) => dropPath(at.in("drop"), x, { rate: 0.25 }), { training: true });
  expect(noise.map(({ name, leaf }) => [name, leaf.shape])).toEqual([["drop.mask", [400, 1, 1]]]);
  const mask = drawn(noise[0]!.distribution, key(1), 400);
  const program = await compile({ y: outputs }, nodeDevice({ name: "cpu", threads: 1 }));
  const { y } = await program.run({ x: new Float32Array(sizeOf(x.shape)).fill(3), "drop.mask": mask });
  await program.release();
  let kept = 0;
  for (let example = 0; example < 400; example++) {
    const values = new Set((y as Float32Array).subarray(6 * example, 6 * example + 6));
    expect(values.size).toBe(1);
    expect([0, 4]).toContain([...values][0]);
    kept += values.has(4) ? 1 : 0;
  }
  expect(Math.abs(kept / 400 - 0.75)).toBeLessThan(0.1);
});

it.each([
  ["in evaluation", 0.25, false],
  ["at rate 0", 0, true],
])("does nothing %s", (_, rate, training) => {
  const { outputs, noise } = trace((at) => dropPath(at, x, { rate }), { training });
  expect(outputs).toBe(x);
  expect(noise).toEqual([]);
});

it("rates grow evenly with depth", () => {
  expect(depthRates(0.2, 5)).toEqual([0, 0.05, 0.1, 0.2 * (3 / 4), 0.2].map((rate) => expect.closeTo(rate, 12)));
  expect(depthRates(0.3, 1)).toEqual([0]);
});
