import { expect, it } from "vitest";

import { input, rewrite } from "../graph/index.ts";
import { linear, trace } from "../nn/index.ts";
import { compile } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { stateConstants } from "./trained-state.ts";

it("puts trained values in the place of what a network declared, in its order", async () => {
  const traced = trace((at) => linear(at, input("x", [1, 2]), { out: 1 }), { training: false });
  const state = { theta: Float32Array.of(10, 100, 1), buffers: new Float32Array() };
  const [y] = rewrite([traced.outputs], stateConstants(traced, state));
  const program = await compile({ y: y! }, nodeDevice({ name: "cpu", threads: 1 }));
  expect([...program.inputs.keys()]).toEqual(["x"]);
  const found = await program.run({ x: Float32Array.of(2, 3) });
  await program.release();
  expect(found.y).toEqual(Float32Array.of(2 * 10 + 3 * 100 + 1));
});
