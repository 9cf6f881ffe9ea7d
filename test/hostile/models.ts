/** ONNX models that ask for more than their file, or for files of others. */
import { float, floats, int, ints, longs, modelOf, node } from "../support/onnx-model.ts";
import { type Content, cutShort, fileInput, filesInput, type Hostile, linkTo, namedPipe } from "./hostile.ts";

const model = (name: string, content: () => Content): Hostile =>
  fileInput("network", [`ONNX, ${name}`, "a.onnx"], content);

type Node = ReturnType<typeof node>;

/** Nodes one after another, from `x` to `y`. */
const chain = (count: number, link: (from: string, to: string, i: number) => Node): Node[] =>
  Array.from({ length: count }, (_, i) => link(i === 0 ? "x" : `h${i}`, i === count - 1 ? "y" : `h${i + 1}`, i));

/** Functions of which each calls the next. */
const functions = (depth: number, calls: number, last: Node[]) =>
  Array.from({ length: depth }, (_, i) => ({
    name: `F${i}`,
    domain: "own",
    input: ["a"],
    output: ["b"],
    node:
      i === depth - 1
        ? last
        : Array.from({ length: calls }, (_, k) =>
            node(`F${i + 1}`, ["a"], k === 0 ? "b" : `c${k}`, [], { domain: "own" }),
          ),
  }));
const call = node("F0", ["x"], "y", [], { domain: "own" });

const growth: Hostile[] = [
  model("forty doublings by Concat", () =>
    modelOf(chain(40, (from, to) => node("Concat", [from, from], to, [int("axis", 1)]))),
  ),
  model("a thousand doublings by Concat", () =>
    modelOf(chain(1000, (from, to) => node("Concat", [from, from], to, [int("axis", 1)]))),
  ),
  model("forty doublings by Tile", () =>
    modelOf(
      chain(40, (from, to) => node("Tile", [from, "r"], to)),
      { initializer: [longs("r", [1, 2])] },
    ),
  ),
  model("an outer product of outer products", () =>
    modelOf(
      [
        node("Reshape", ["x", "column"], "c"),
        node("Reshape", ["x", "row"], "r"),
        ...Array.from({ length: 12 }, (_, i) =>
          node("MatMul", i === 0 ? ["c", "r"] : [`m${i}`, `m${i}`], i === 11 ? "y" : `m${i + 1}`),
        ),
        node("Concat", ["m1", "m1"], "z", [int("axis", 0)]),
      ],
      { initializer: [longs("column", [-1, 1]), longs("row", [1, -1])] },
    ),
  ),
  model("Expand to 2^40", () =>
    modelOf([node("Expand", ["x", "s"], "y")], { initializer: [longs("s", [2 ** 20, 2 ** 20, 2, 3])] }),
  ),
  model("Pad to 2^40", () =>
    modelOf([node("Pad", ["x", "p"], "y")], { initializer: [longs("p", [0, 0, 2 ** 20, 2 ** 20])] }),
  ),
  model("Resize to 2^40", () =>
    modelOf([node("Resize", ["x", "", "", "s"], "y")], { initializer: [longs("s", [2, 2 ** 40])] }),
  ),
  model("three thousand Resizes", () =>
    modelOf(
      chain(3000, (from, to, i) => node("Resize", [from, "", "", i % 2 === 0 ? "a" : "b"], to)),
      { initializer: [longs("a", [2, 8000]), longs("b", [2, 3])] },
    ),
  ),
  model("ConstantOfShape of 2^40", () =>
    modelOf([node("ConstantOfShape", ["s"], "y")], { initializer: [longs("s", [2 ** 20, 2 ** 20])] }),
  ),
  model("a thousand ConstantOfShapes", () =>
    modelOf(
      chain(1000, (_, to) => node("ConstantOfShape", ["s"], to)),
      { initializer: [longs("s", [1000, 1000])] },
    ),
  ),
  model("Range to 2^40", () =>
    modelOf([node("Range", ["a", "b", "c"], "y")], {
      initializer: [0, 2 ** 40, 1].map((v, i) => ({ ...longs("abc"[i] ?? "", [v]), dims: [] })),
    }),
  ),
  model("a shape of 50 000 dimensions", () =>
    modelOf([node("Reshape", ["x", "s"], "y")], { initializer: [longs("s", [2, 3, ...Array(50_000).fill(1)])] }),
  ),
  model("a tensor of 50 000 dimensions", () =>
    modelOf([node("Add", ["x", "w"], "y")], { initializer: [floats("w", Array(50_000).fill(1), [1])] }),
  ),
  model("twenty thousand additions", () => modelOf(chain(20_000, (from, to) => node("Add", [from, from], to)))),
  model("60 000 nodes", () => modelOf(chain(60_000, (from, to) => node("Relu", [from], to)))),
  model("functions that call ten each, twelve deep", () =>
    modelOf([call], { functions: functions(12, 10, [node("Relu", ["a"], "b")]) }),
  ),
  model("functions that do nothing, 100^12 times", () =>
    modelOf([call, node("Relu", ["x"], "z")], { functions: functions(12, 100, []) }),
  ),
  model("a function that calls itself", () => modelOf([call], { functions: functions(1, 0, [call]) })),
];

const mistakes: Hostile[] = [
  model("operators of version 0", () => modelOf([node("Relu", ["x"], "y")], { version: 0 })),
  model("operators of version 99", () => modelOf([node("Relu", ["x"], "y")], { version: 99 })),
  model("a node before its input", () => modelOf([node("Relu", ["h"], "y"), node("Relu", ["x"], "h")])),
  model("two nodes of one output", () => modelOf([node("Relu", ["x"], "y"), node("Abs", ["x"], "y")])),
  model("a loop", () => modelOf([node("Loop", ["x"], "y")])),
  model("an operator of a name like an object's", () => modelOf([node("__proto__", ["x"], "y")])),
  model("an operator of a name like a method's", () => modelOf([node("constructor", ["x"], "y")])),
  model("no nodes", () => modelOf([])),
  model("weights of fewer bytes than their sizes", () =>
    modelOf([node("Add", ["x", "w"], "y")], { initializer: [floats("w", [2 ** 20, 2 ** 20], [1])] }),
  ),
  model("weights of negative sizes", () =>
    modelOf([node("Add", ["x", "w"], "y")], { initializer: [floats("w", [-1, -1], [1])] }),
  ),
  model("weights of texts", () =>
    modelOf([node("Add", ["x", "w"], "y")], { initializer: [{ name: "w", dims: [1n], dataType: 8 }] }),
  ),
  model("a window of 2^31", () =>
    modelOf([node("MaxPool", ["x"], "y", [ints("kernel_shape", [2 ** 31, 2 ** 31])])], { shape: ["n", 3, 8, 8] }),
  ),
  model("a stride of 0", () =>
    modelOf([node("MaxPool", ["x"], "y", [ints("kernel_shape", [2, 2]), ints("strides", [0, 0])])], {
      shape: ["n", 3, 8, 8],
    }),
  ),
  model("an axis of -2^40", () => modelOf([node("Softmax", ["x"], "y", [int("axis", -(2 ** 40))])])),
  model("a slope that is no number", () => modelOf([node("LeakyRelu", ["x"], "y", [float("alpha", Number.NaN)])])),
  model("a page", () => "<!DOCTYPE html><html></html>"),
  model("zeros", () => new Uint8Array(1000)),
  model("bytes of 0xff", () => new Uint8Array(1000).fill(0xff)),
  ...cutShort("network", "cut.onnx", () => modelOf(chain(20, (from, to) => node("Relu", [from], to))), [0.1, 0.5, 0.9]),
];

/** A model with weights in another file. */
const external = (location: string, more: Readonly<Record<string, string>> = {}) =>
  modelOf([node("Add", ["x", "w"], "y")], {
    initializer: [
      {
        name: "w",
        dims: [3n],
        dataType: 1,
        dataLocation: 1,
        externalData: Object.entries({ location, ...more }).map(([key, value]) => ({ key, value })),
      },
    ],
  });

const data = new Uint8Array(12);
const elsewhere: Hostile[] = (["network", "checkpoint"] as const).flatMap((reader) => [
  ...(
    [
      ["above its folder", "../a.data", {}],
      ["at an absolute path", "/etc/passwd", {}],
      ["in a device", "/dev/zero", {}],
      ["in itself", "a.onnx", {}],
      ["in its folder", ".", {}],
      ["beyond the end", "a.data", { offset: "8" }],
      ["before the start", "a.data", { offset: "-8" }],
      ["of 2^60 bytes", "a.data", { length: String(2n ** 60n) }],
    ] as const
  ).map(([name, location, more]) =>
    filesInput(reader, `ONNX, weights ${name}`, () => ({ "a.onnx": external(location, more), "a.data": data })),
  ),
  filesInput(
    reader,
    "ONNX, weights in a named pipe",
    () => ({ "a.onnx": external("pipe") }),
    (folder) => namedPipe(`${folder}/pipe`),
  ),
  filesInput(
    reader,
    "ONNX, weights behind a link to a device",
    () => ({ "a.onnx": external("link") }),
    (folder) => linkTo("/dev/zero", `${folder}/link`),
  ),
]);

/** All of them. */
export const models: readonly Hostile[] = [...growth, ...mistakes, ...elsewhere];
