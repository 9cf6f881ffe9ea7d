import { expect, it } from "vitest";

import { input } from "../../graph/index.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { asSequence, asVector } from "./sequence.ts";

it("a vector becomes a sequence of one channel filled up with zeros, and back", async () => {
  const sequence = asSequence(input("v", [2, 3]), 5);
  expect(sequence.shape).toEqual([2, 1, 5]);
  const vector = asVector(sequence, 3);
  expect(vector.shape).toEqual([2, 3]);
  const program = await compile({ sequence, vector }, nodeDevice({ name: "cpu", threads: 1 }));
  const v = Float32Array.of(1, 2, 3, 4, 5, 6);
  const found = await program.run({ v });
  await program.release();
  expect(found.sequence).toEqual(Float32Array.of(1, 2, 3, 0, 0, 4, 5, 6, 0, 0));
  expect(found.vector).toEqual(v);
});
