/** A model cannot make more numbers than a bound, however few nodes it has. */
import { describe, expect, it } from "vitest";
import { constant, input } from "../tensor.ts";
import { sizeLimits } from "./size-limits.ts";

/** The largest number of elements that may be made besides the file, in all. */
const MAX_MADE = 2 ** 25;
const half = () => ({ dtype: "float32" as const, shape: [MAX_MADE / 2], data: new Float32Array(MAX_MADE / 2) });
const refused = expect.objectContaining({ code: "E_CHECKPOINT" });

describe("the constants that a model makes", () => {
  it("are counted together, and refused beyond the bound", () => {
    const check = sizeLimits([]);
    check([half()], false);
    check([half()], false);
    expect(() => check([constant(Float32Array.of(1), [1])], false)).toThrow(refused);
  });

  it("count once, however often they are used", () => {
    const check = sizeLimits([]);
    const known = half();
    for (let i = 0; i < 5; i++) check([{ ...known }], false);
  });

  it("do not count where they stand in the file or were given", () => {
    const given = half();
    const check = sizeLimits([given]);
    check([half(), half(), half()], true);
    check([{ ...given }, half(), half()], false);
  });
});

describe("a tensor that a model computes", () => {
  it("is refused beyond two thousand million elements", () => {
    const check = sizeLimits([]);
    check([input("x", [2 ** 16, 2 ** 15])], false);
    expect(() => check([input("y", [2 ** 16, 2 ** 15 + 1])], false)).toThrow(refused);
  });

  it("is refused with too many dimensions", () => {
    expect(() =>
      sizeLimits([])(
        [
          input(
            "x",
            Array.from({ length: 100 }, () => 1),
          ),
        ],
        false,
      ),
    ).toThrow(refused);
  });
});
