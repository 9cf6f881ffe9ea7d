import { describe, expect, it } from "vitest";

import { bothReadings } from "../../../test/support/both-readings.ts";
import { float, floats, int, longs, modelOf, node, text } from "../../../test/support/onnx-model.ts";

const image = ["n", 2, 5, 7] as const;
const SHAPE = [2, 2, 5, 7] as const;

describe("resize equals ONNX Runtime", () => {
  const modes = [
    ...["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].map((way) => [
      text("mode", "nearest"),
      text("nearest_mode", way),
    ]),
    [text("mode", "linear")],
    [text("mode", "cubic")],
    [text("mode", "cubic"), float("cubic_coeff_a", -0.5)],
    [text("mode", "cubic"), int("exclude_outside", 1)],
  ];
  const transformations = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"];
  const cases = modes.flatMap((mode) =>
    transformations.map((by) => [...mode, text("coordinate_transformation_mode", by)]),
  );
  const named = cases.map(
    (attributes) =>
      [
        attributes
          .map((a) => a.s ?? a.f ?? a.i)
          .map((v) => (v instanceof Uint8Array ? Buffer.from(v).toString() : String(v)))
          .join(" "),
        attributes,
      ] as const,
  );

  it.each(named)("%s, by factors", async (_, attributes) => {
    const model = modelOf([node("Resize", ["x", "", "scales"], "y", attributes)], {
      initializer: [floats("scales", [4], [1, 1, 2, 0.6])],
      shape: image,
    });
    const { ours, shape, theirs, expected } = await bothReadings(model, SHAPE);
    expect(shape).toEqual(expected);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });

  it.each(named)("%s, to sizes", async (_, attributes) => {
    const model = modelOf([node("Resize", ["x", "", "", "sizes"], "y", attributes)], {
      initializer: [longs("sizes", [2, 2, 4, 11])],
      shape: image,
    });
    const { ours, shape, theirs, expected } = await bothReadings(model, SHAPE);
    expect(shape).toEqual(expected);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });
});

describe("cumulative sums equal ONNX Runtime", () => {
  it.each([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ])("exclusive %d, reverse %d", async (exclusive, reverse) => {
    const model = modelOf(
      [node("CumSum", ["x", "axis"], "y", [int("exclusive", exclusive), int("reverse", reverse)])],
      { initializer: [{ ...longs("axis", [2]), dims: [] }], shape: image },
    );
    const { ours, theirs } = await bothReadings(model, SHAPE);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });
});
