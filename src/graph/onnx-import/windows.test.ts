import { describe, expect, it } from "vitest";

import { ints, text } from "../../../test/support/onnx-model.ts";
import { type Attribute, attributeMap } from "../../../test/support/onnx-node.ts";
import { attributesOf } from "./attributes.ts";
import { allEqual, windowsOf } from "./windows.ts";

const windows = (attributes: readonly Attribute[], kernel: readonly number[] | undefined, input: readonly number[]) =>
  windowsOf(attributesOf(attributeMap(attributes)), kernel, input);

const plain = { stride: 1, dilation: 1, before: 0, after: 0 };

describe("the window of a node along each axis", () => {
  it("has a stride of 1 and no padding where nothing is said", () => {
    expect(windows([], [3, 5], [8, 9])).toEqual([
      { kernel: 3, ...plain },
      { kernel: 5, ...plain },
    ]);
    expect(windows([ints("kernel_shape", [2])], undefined, [8])).toEqual([{ kernel: 2, ...plain }]);
  });

  it("has the paddings of all starts before those of all ends", () => {
    const given = [ints("strides", [1, 2]), ints("dilations", [3, 1]), ints("pads", [1, 2, 3, 4])];
    expect(windows(given, [3, 3], [8, 9])).toEqual([
      { kernel: 3, stride: 1, dilation: 3, before: 1, after: 3 },
      { kernel: 3, stride: 2, dilation: 1, before: 2, after: 4 },
    ]);
  });

  it("is padded so that the result is the input over the stride, the odd one at the end or at the start", () => {
    // 7 / 2 rounded up is 4: 3 steps of 2 and a kernel of 4 take 10.
    const pads = (way: string) => windows([text("auto_pad", way), ints("strides", [2])], [4], [7])[0];
    expect(pads("SAME_UPPER")).toMatchObject({ before: 1, after: 2 });
    expect(pads("SAME_LOWER")).toMatchObject({ before: 2, after: 1 });
    expect(windows([text("auto_pad", "VALID"), ints("pads", [1, 1])], [4], [7])[0]).toMatchObject({
      before: 0,
      after: 0,
    });
  });

  it("is refused when it does not fit the input", () => {
    expect(() => windows([], undefined, [8])).toThrow("it has a pool without a kernel");
    expect(() => windows([], [3], [8, 8])).toThrow("it slides a kernel [3] over an input of 2 sides");
    expect(() => windows([ints("strides", [0])], [3], [8])).toThrow("it slides a kernel [3]");
  });
});

it("compares all numbers of a list with one another", () => {
  expect([allEqual([2, 2]), allEqual([2, 3]), allEqual([])]).toEqual([true, false, true]);
});
