import { describe, expect, it } from "vitest";

import { whole } from "../../../test/support/onnx-node.ts";
import { positionOf, rowsAt, sliceRange } from "./index-arithmetic.ts";

describe("sliceRange takes the elements that Python takes", () => {
  it.each([
    [1, 3, 1, [1, 2]],
    [0, 99, 2, [0, 2, 4]],
    [-2, 5, 1, [3, 4]],
    [-99, -3, 1, [0, 1]],
    [3, 1, 1, []],
    [4, 0, -2, [4, 2]],
    [99, -99, -1, [4, 3, 2, 1, 0]],
    [1, -1, -1, []],
  ])("range(5)[%d:%d:%d] is %j", (start, end, step, expected) => {
    const { start: first, count } = sliceRange(start, end, step, 5);
    expect(Array.from({ length: count }, (_, i) => first + i * step)).toEqual(expected);
  });

  it("but for a step of 0, which is refused", () => {
    expect(() => sliceRange(0, 1, 0, 5)).toThrow("it slices with a step of 0");
  });
});

describe("positionOf", () => {
  it("counts negative indices from the end, and refuses those outside", () => {
    expect([positionOf(0, 3), positionOf(-1, 3)]).toEqual([0, 2]);
    expect(() => positionOf(3, 3)).toThrow("it takes element 3 of 3");
    expect(() => positionOf(-4, 3)).toThrow("it takes element -4 of 3");
  });
});

describe("rowsAt", () => {
  it("names rows of a table made of the first axes", () => {
    expect(rowsAt([2, 3, 4], whole([0, 2, 1, -3], [2, 2]))).toEqual({ rows: [2, 3], rowSize: 4, shape: [2, 4] });
    expect(rowsAt([2, 3], whole([1], [1, 1]))).toEqual({ rows: [1], rowSize: 3, shape: [1, 3] });
  });
});
