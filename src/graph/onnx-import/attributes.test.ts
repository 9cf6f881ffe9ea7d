import { describe, expect, it } from "vitest";

import { float, int, ints, text } from "../../../test/support/onnx-model.ts";
import { attributeMap } from "../../../test/support/onnx-node.ts";
import { attributesOf, axisOf } from "./attributes.ts";

describe("the attributes of a node", () => {
  const attributes = attributesOf(
    attributeMap([int("axis", -1), float("alpha", 0.5), ints("pads", [1, 2]), text("mode", "linear")]),
  );

  it("are read by name", () => {
    expect(attributes.int("axis", 0)).toBe(-1);
    expect(attributes.float("alpha", 1)).toBe(0.5);
    expect(attributes.ints("pads")).toEqual([1, 2]);
    expect(attributes.text("mode", "nearest")).toBe("linear");
    expect(attributes.has("axis")).toBe(true);
  });

  it("have their defaults where the node has none", () => {
    expect(attributes.int("group", 1)).toBe(1);
    expect(attributes.float("beta", 2)).toBe(2);
    expect(attributes.text("auto_pad", "NOTSET")).toBe("NOTSET");
    expect([attributes.ints("strides"), attributes.tensor("value")]).toEqual([undefined, undefined]);
    expect(attributes.has("group")).toBe(false);
  });
});

describe("an axis", () => {
  it("counts from the end when it is negative", () => {
    expect([axisOf(1, 3), axisOf(-1, 3), axisOf(0, 0)]).toEqual([1, 2, 0]);
  });

  it("is refused when the tensor has no such axis", () => {
    for (const axis of [3, -4, 0.5])
      expect(() => axisOf(axis, 3)).toThrow(`it names axis ${axis} of a tensor of 3 dimensions`);
  });
});
