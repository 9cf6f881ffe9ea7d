import { expect, it } from "vitest";

import { requireDifferent } from "./equal-checkpoints.ts";

it("accepts checkpoints of which one number differs", () => {
  requireDifferent(Float32Array.of(1, 2, 1, 2, 1, 3), 2);
});

it("refuses equal checkpoints, saying how to collect others", () => {
  expect(() => requireDifferent(Float32Array.of(1, 2, 1, 2), 2)).toThrow(
    expect.objectContaining({ code: "E_RUN", message: expect.stringMatching(/are equal.*higher learning rate/) }),
  );
});
