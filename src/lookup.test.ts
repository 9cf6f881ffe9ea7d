import { describe, expect, it } from "vitest";

import { at, get, given, last } from "./lookup.ts";

describe("items that are there by construction", () => {
  it("returns the item of an array, of a typed array and of a text", () => {
    expect(at(["a", "b"], 1)).toBe("b");
    expect(at(Float32Array.of(1.5, Number.NaN), 1)).toBeNaN();
    expect(last("abc")).toBe("c");
  });

  it("throws a RangeError when the index lies outside the list", () => {
    expect(() => at([1, 2], 2)).toThrow(new RangeError("no item 2 in a list of 2"));
    expect(() => last([])).toThrow(RangeError);
  });

  it("returns the value of a key, and throws a RangeError when the map has no such key", () => {
    const map = new Map([["mean", 0]]);
    expect(get(map, "mean")).toBe(0);
    expect(() => get(map, "scale")).toThrow(new RangeError("no scale in a map of 1"));
  });

  it("returns a value that is there, and throws a RangeError when it is not", () => {
    expect(given(0)).toBe(0);
    expect(() => given(undefined)).toThrow(RangeError);
  });
});
