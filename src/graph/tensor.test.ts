import { describe, expect, it } from "vitest";

import { itRefuses } from "../../test/support/op-suites.ts";
import { add } from "./ops/elementwise.ts";
import { constant, input, within } from "./tensor.ts";

const misfit = () => add(input("a", [2]), input("b", [3]));

describe("within", () => {
  it("adds the place to a shape error", () => {
    expect(() => within("layer4.1.bn1", misfit)).toThrow(
      expect.objectContaining({
        code: "E_SHAPE",
        message: "add: shapes [2] and [3] do not broadcast (in layer4.1.bn1)",
      }),
    );
    expect(() => within("", misfit)).toThrow("(in the top level)");
  });

  it("names the innermost place only", () => {
    expect(() => within("layer4", () => within("layer4.1", misfit))).toThrow(/do not broadcast \(in layer4\.1\)$/);
  });

  it("leaves other errors and results alone", () => {
    const error = new TypeError("other");
    const fail = () => {
      throw error;
    };
    expect(() => within("a", fail)).toThrow(error);
    expect(within("a", () => 3)).toBe(3);
  });
});

itRefuses({
  "an empty dimension": [() => input("empty", [2, 0]), "dimensions are whole numbers from 1, got [2, 0]"],
  "a constant of another size": [() => constant(Float32Array.of(1, 2), [3]), "constant: 2 elements for shape [3]"],
});
