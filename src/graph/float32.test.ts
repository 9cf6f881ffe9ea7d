import { expect, it } from "vitest";

import { MAX_FLOAT32 } from "./float32.ts";

it("is the number before infinity", () => {
  const [largest, next] = new Float32Array(Uint32Array.of(0x7f7fffff, 0x7f800000).buffer);
  expect(MAX_FLOAT32).toBe(largest);
  expect(next).toBe(Infinity);
});
