import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";

import { float, floats, int, ints, longs, modelOf, node, text } from "../../../test/support/onnx-model.ts";
import { key, normal } from "../../random/index.ts";
import { compile } from "../../runtime/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { input, type Shape } from "../tensor.ts";
import { instantiate } from "./instantiate.ts";
import { parseOnnx } from "./model.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** What a model makes of an image, here and in ONNX Runtime's own reading of the file. */
async function both(model: Uint8Array, shape: Shape) {
  const x = normal(
    key(1),
    shape.reduce((a, b) => a * b, 1),
  );
  const session = await InferenceSession.create(model);
  const theirs = (await session.run({ x: new Tensor("float32", x, shape) })).y!;
  await session.release();
  const y = instantiate(parseOnnx(model), { inputs: { x: input("x", shape) } }).get("y")!;
  const program = await compile({ y }, device);
  const ours = (await program.run({ x })).y as Float32Array;
  await program.release();
  return { ours, shape: y.shape, theirs: theirs.data as Float32Array, expected: theirs.dims };
}

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
    const { ours, shape, theirs, expected } = await both(model, SHAPE);
    expect(shape).toEqual(expected);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });

  it.each(named)("%s, to sizes", async (_, attributes) => {
    const model = modelOf([node("Resize", ["x", "", "", "sizes"], "y", attributes)], {
      initializer: [longs("sizes", [2, 2, 4, 11])],
      shape: image,
    });
    const { ours, shape, theirs, expected } = await both(model, SHAPE);
    expect(shape).toEqual(expected);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });
});

describe("cumulative sums and trigonometry equal ONNX Runtime", () => {
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
    const { ours, theirs } = await both(model, SHAPE);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });

  it.each(["Sin", "Cos"])("%s", async (op) => {
    const { ours, theirs } = await both(modelOf([node(op, ["x"], "y")], { shape: image }), SHAPE);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });
});

describe("Col2Im equals ONNX Runtime", () => {
  it.each<[string, number[], number[], number[], number[]]>([
    ["side by side", [6, 4], [2, 2], [2, 2], [0, 0, 0, 0]],
    ["overlapping", [5, 4], [3, 3], [1, 1], [1, 1, 1, 1]],
    ["overlapping by steps of two", [7, 7], [3, 3], [2, 2], [1, 1, 1, 1]],
    ["with a rim that none reaches", [6, 6], [3, 3], [2, 2], [0, 0, 0, 0]],
  ])("%s", async (_, size, block, strides, pads) => {
    const places = size.map((n, i) => Math.floor((n + 2 * pads[i]! - block[i]!) / strides[i]!) + 1);
    const model = modelOf(
      [node("Col2Im", ["x", "size", "block"], "y", [ints("strides", strides), ints("pads", pads)])],
      {
        initializer: [longs("size", size), longs("block", block)],
        shape: ["n", 2 * block[0]! * block[1]!, places[0]! * places[1]!],
        version: 18,
      },
    );
    const { ours, theirs, shape, expected } = await both(model, [
      2,
      2 * block[0]! * block[1]!,
      places[0]! * places[1]!,
    ]);
    expect(shape).toEqual(expected);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });
});

it("folds OneHot when the classes are known", async () => {
  const classes = [
    node("OneHot", ["indices", "depth", "values"], "hot", [int("axis", 0)]),
    node("MatMul", ["x", "hot"], "y"),
  ];
  const model = modelOf(classes, {
    initializer: [longs("indices", [2, 0, -1, 7]), { ...longs("depth", [3]), dims: [] }, floats("values", [2], [0, 5])],
  });
  const { ours, theirs, shape } = await both(model, [2, 3]);
  expect(shape).toEqual([2, 4]);
  for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
});
