import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../../test/support/temporary-folders.ts";
import { UserError } from "../../../errors.ts";
import { readWhole } from "../../state-dict.ts";
import { ALL_DECODERS, ENCODERS } from "../dtypes.ts";
import { external, field, modelFile, tensorMessage, varint } from "./onnx.fixture.ts";
import { openOnnxInitialisers, rewriteOnnx } from "./onnx-initialisers.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly dtypes: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly lists: readonly string[];
}
const cases = Object.entries(JSON.parse(readFileSync("test/fixtures/onnx-initialisers.json", "utf8"))) as [
  string,
  Case,
][];
const named = (name: string): Case => cases.find(([other]) => other === name)![1];

/** Files in a new folder; the path of the model. */
function put(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = folders.make();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return join(folder, "model.onnx");
}
const decoded = ({ files }: Case): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(files).map(([name, file]) => [name, Buffer.from(file, "base64")]));

const bytesBelow = (path: string): Record<string, Buffer> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name))]));

const refusal = (problem: string) =>
  expect.objectContaining({ code: "E_CHECKPOINT", message: expect.stringContaining(problem) });

/** The parts of the fixture's only complex tensor, 1 + 2i and 3i, in turn. */
const complexIn = ({ dtypes }: Case): Record<string, number[]> =>
  Object.fromEntries(Object.entries(dtypes).flatMap(([name, type]) => (type === "C64" ? [[name, [1, 2, 0, 3]]] : [])));

describe("the initialisers that onnx wrote", () => {
  it.each(cases)("have the types, shapes and values that it gave them: %s", async (_, value) => {
    const file = await openOnnxInitialisers(put(decoded(value)));
    expect(file.bytes).toBe(Object.values(decoded(value)).reduce((sum, { length }) => sum + length, 0));
    expect([...file.tensors].map(([name, { dtype }]) => [name, dtype])).toEqual(Object.entries(value.dtypes));
    // Complex numbers are pairs of real ones.
    const shapes = Object.entries(value.shapes).map(([name, shape]) => [
      name,
      value.dtypes[name] === "C64" ? [...shape, 2] : shape,
    ]);
    expect([...file.tensors].map(([name, { shape }]) => [name, shape])).toEqual(shapes);
    const { tensors } = await readWhole(file);
    expect([...tensors].map(([name, values]) => [name, [...values]])).toEqual(
      Object.entries({ ...value.values, ...complexIn(value) }).filter(([name]) =>
        ALL_DECODERS.has(value.dtypes[name]!),
      ),
    );
  });

  it.each(cases)("are read in ranges, side by side: %s", async (_, value) => {
    const file = await openOnnxInitialisers(put(decoded(value)));
    const reads = Object.entries(value.values).flatMap(([name, values]) =>
      values.map(async (_, start) => {
        const into = new Float32Array(Math.min(2, values.length - start));
        await file.readFloats(name, start, into);
        expect([name, start, ...into]).toEqual([name, start, ...values.slice(start, start + 2)]);
      }),
    );
    await Promise.all(reads);
    await file.close();
  });

  it.each(cases)("stay the same bytes with their own values: %s", async (_, value) => {
    const path = put(decoded(value));
    const to = join(folders.make(), "model.onnx");
    const own = Object.entries(value.values).filter(
      ([name]) => ENCODERS.has(value.dtypes[name]!) && value.dtypes[name] !== "F64" && !value.lists.includes(name),
    );
    await rewriteOnnx(path, to, new Map(own.map(([name, values]) => [name, Float32Array.from(values)])));
    expect(bytesBelow(join(to, ".."))).toEqual(decoded(value));
  });

  it.each(cases)("take other values, and nothing else changes: %s", async (name, value) => {
    if (name.startsWith("tied")) return;
    const path = put(decoded(value));
    const to = join(folders.make(), "made", "model.onnx");
    const before = await readWhole(await openOnnxInitialisers(path));
    const other = new Map(
      [...before.tensors]
        .filter(([tensor]) => ENCODERS.has(value.dtypes[tensor]!) && !value.lists.includes(tensor))
        .map(([tensor, values]) => [tensor, values.map((v) => -v)]),
    );
    await rewriteOnnx(path, to, other);
    const after = await readWhole(await openOnnxInitialisers(to));
    expect(after).toEqual({ ...before, tensors: new Map([...before.tensors, ...other]) });
  });

  it("say who made the model, for which operators, and what else it says of itself", async () => {
    const { metadata, close } = await openOnnxInitialisers(put(decoded(named("a long description"))));
    await close();
    const { names, ...rest } = metadata;
    expect(rest).toEqual({
      ir_version: "9",
      producer_name: "oracle",
      producer_version: "1.2",
      opset: "17",
      "opset of ai.onnx.ml": "3",
    });
    expect(names).toMatch(/^\{0: 'class 0', .*399: 'class 399'\}$/);
  });

  it("that are long lists are read side by side, across pieces of the file", async () => {
    const count = 50_000;
    const lists = ["a", "b", "c"].map((name, k) =>
      tensorMessage(
        name,
        [count],
        [field(7, Buffer.concat(Array.from({ length: count }, (_, i) => varint(k * 1000 + i))))],
        7,
      ),
    );
    const file = await openOnnxInitialisers(put({ "model.onnx": modelFile(lists) }));
    const wrong = await Promise.all(
      [...file.tensors.keys()].map(async (name, k) => {
        const into = new Float32Array(count);
        await file.readFloats(name, 0, into);
        return into.findIndex((v, i) => v !== k * 1000 + i);
      }),
    );
    await file.close();
    expect(wrong).toEqual([-1, -1, -1]);
  });

  it("are read or refused, whatever happened to the model's bytes", async () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(2000)),
        async ([, value], edits, cut) => {
          const files = decoded(value);
          const bytes = files["model.onnx"]!;
          for (const { at, byte } of edits) bytes[at % bytes.length] = byte;
          const path = put({ ...files, "model.onnx": bytes.subarray(0, cut ?? bytes.length) });
          await openOnnxInitialisers(path)
            .then(readWhole)
            .catch((error) => expect(error).toBeInstanceOf(UserError));
        },
      ),
      { numRuns: 300 },
    );
  });
});

const raw = (bytes: number) => field(9, new Uint8Array(bytes));
const w = tensorMessage("w", [2], [raw(8)]);

describe("a model that onnx would not write is refused, saying what is wrong", () => {
  const endless = Buffer.alloc(11, 0x80);
  const one = (message: Uint8Array) => modelFile([message]);
  it.each<[string, Uint8Array, string]>([
    ["nothing", Buffer.alloc(0), "it has no graph"],
    ["a text", Buffer.from("this is no model"), "it has"],
    ["no initialisers", modelFile([]), "its graph has no initialisers"],
    ["two graphs", Buffer.concat([one(w), one(w)]), "more than one graph"],
    ["a graph that is a number", field(7, 1), "more than one graph, or none"],
    ["a field longer than its message", Buffer.from([0x3a, 0x04, 0x2a, 0x05, 0, 0]), "where 2 are left"],
    ["a field longer than any file", Buffer.concat([varint(58), varint(2n ** 64n - 1n)]), "are left"],
    ["a number that does not end", Buffer.concat([varint(8), endless]), "a number that does not end"],
    ["a number cut off", Buffer.from([8, 0x80]), "ends in the middle"],
    ["a fixed number cut off", Buffer.from([0x0d, 0, 0]), "ends in the middle"],
    ["a field of a kind that went out of use", Buffer.from([0x0b]), "the unknown kind 3"],
    ["a field without a number", Buffer.from([0, 0]), "a field without a number"],
    ["dimensions that do not end", one(Buffer.concat([field(1, endless.subarray(0, 10))])), "does not end"],
    ["a name twice", modelFile([w, w]), "two tensors are named w"],
    ["a name that is a number", one(Buffer.concat([field(8, 1)])), "a text that is a number"],
    ["a long name", one(tensorMessage("n".repeat(5000), [2], [raw(8)])), "a text of 5000 bytes, expected at most 4096"],
    ["no numbers", one(tensorMessage("w", [2], [])), "tensor w has no numbers"],
    ["numbers missing", one(tensorMessage("w", [2], [raw(7)])), "tensor w has 7 bytes, expected 8 for F32 [2]"],
    ["numbers twice", one(tensorMessage("w", [2], [raw(8), field(4, new Uint8Array(8))])), "in several pieces"],
    ["numbers one by one", one(tensorMessage("w", [1], [field(7, 1)], 7)), "one by one"],
    ["numbers of another type", one(tensorMessage("w", [2], [field(7, new Uint8Array(2))])), "numbers of another type"],
    ["a tensor in segments", one(tensorMessage("w", [2], [raw(8), field(3, "")])), "in segments"],
    ["a negative dimension", one(tensorMessage("w", [-1n], [raw(8)])), "an impossible shape"],
    ["a huge dimension", one(tensorMessage("w", [2 ** 40], [raw(8)])), "an impossible shape"],
    ["many dimensions", one(tensorMessage("w", Array(65).fill(1), [raw(4)])), "an impossible shape"],
    [
      "many packed dimensions",
      one(tensorMessage("w", [], [field(1, Buffer.alloc(65, 1)), raw(4)])),
      "an impossible shape",
    ],
    ["a huge shape", one(tensorMessage("w", Array(30).fill(2 ** 30), [raw(8)])), "more than 2^30 elements"],
    ["a long list", one(tensorMessage("w", [2 ** 23], [field(7, new Uint8Array(8))], 7)), "expected at most 4194304"],
    ["a long description", modelFile([w], field(14, field(2, new Uint8Array(2 ** 24)))), "about itself"],
    [
      "many fields",
      Buffer.concat([Buffer.alloc(2 ** 23 + 2, Buffer.from([40, 1])), one(w)]),
      "its messages have more than 4194304 fields",
    ],
    [
      "many tensors",
      modelFile(Array.from({ length: 65_537 }, (_, i) => tensorMessage(`${i}`, [0], []))),
      "65536 tensors",
    ],
  ])("%s", async (_, bytes, problem) => {
    await expect(openOnnxInitialisers(put({ "model.onnx": bytes }))).rejects.toEqual(refusal(problem));
  });

  it.each([
    ["too few", [1, 2], "it is a list of 2 numbers, expected 3"],
    ["too many", [1, 2, 3, 4], "it is a list of more numbers, expected 3"],
    ["one that does not end", [1, 2, 0x80], "a number that does not end"],
  ])("a list of numbers: %s", async (_, numbers, problem) => {
    const bytes = modelFile([tensorMessage("w", [3], [field(7, Uint8Array.from(numbers))], 7)]);
    const file = await openOnnxInitialisers(put({ "model.onnx": bytes }));
    await expect(file.readFloats("w", 0, new Float32Array(3))).rejects.toEqual(refusal(problem));
    await file.close();
  });
});

it("dimensions may be packed, and a field may come again: the last counts", async () => {
  const bytes = modelFile([
    Buffer.concat([field(8, "x"), tensorMessage("w", [], [field(1, Uint8Array.of(1, 2)), raw(8)])]),
  ]);
  const { tensors, close } = await openOnnxInitialisers(put({ "model.onnx": bytes }));
  await close();
  expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([["w", [1, 2]]]);
});

describe("numbers in another file", () => {
  const outside = (places: Readonly<Record<string, string>>, name = "w") =>
    tensorMessage(name, [2], [external(places)]);
  const model = (places: Readonly<Record<string, string>>) => modelFile([outside(places)]);
  const data = new Uint8Array(16);

  it.each([
    ["an absolute path", { location: "/etc/hostname" }, "outside of the model's folder"],
    ["a path upwards", { location: "../other.data" }, "outside of the model's folder"],
    ["a path down and upwards", { location: "a/../../other.data" }, "outside of the model's folder"],
    ["the folder above", { location: ".." }, "outside of the model's folder"],
    ["the folder itself", { location: "." }, "not a plain file"],
    ["nowhere", {}, "which is not there"],
    ["a file that is not there", { location: "none.data" }, "which is not there"],
    ["a name with a zero byte", { location: "model.data\0" }, "which is not there"],
    ["the model itself", { location: "model.onnx" }, "in the model itself"],
    ["a link out of the folder", { location: "link.data" }, "a link that leads outside"],
    ["behind the end", { location: "model.data", offset: "9" }, "ends after byte 17 of model.data, which has 16"],
    [
      "a length of another shape",
      { location: "model.data", length: "12" },
      "claims 12 bytes of another file, expected 8",
    ],
    ["a negative offset", { location: "model.data", offset: "-8" }, "expected a whole number"],
    ["an offset that is none", { location: "model.data", offset: "1e3" }, "expected a whole number"],
    ["a huge offset", { location: "model.data", offset: "9007199254740993" }, "expected a whole number"],
  ])("cannot lie in %s", async (_, places, problem) => {
    const path = put({ "model.onnx": model(places), "model.data": data });
    symlinkSync("/etc", join(path, "..", "link.data"));
    await expect(openOnnxInitialisers(path)).rejects.toEqual(refusal(problem));
  });

  it("cannot overlap in part", async () => {
    const places = (offset: number) => ({ location: "model.data", offset: String(offset) });
    const model = (offset: number) => modelFile([outside(places(4), "a"), outside(places(offset), "b")]);
    for (const offset of [1, 7])
      await expect(openOnnxInitialisers(put({ "model.onnx": model(offset), "model.data": data }))).rejects.toEqual(
        refusal("overlap in model.data"),
      );
  });

  it("that tensors share take the same values, or those of one of them", async () => {
    const path = put(decoded(named("tied numbers in another file")));
    const [some, other] = [Float32Array.of(3, 4), Float32Array.of(5, 6)];
    const rewritten = async (values: Readonly<Record<string, Float32Array>>) => {
      const to = join(folders.make(), "model.onnx");
      await rewriteOnnx(path, to, new Map(Object.entries(values)));
      return Object.fromEntries((await readWhole(await openOnnxInitialisers(to))).tensors);
    };
    expect(await rewritten({ a: some, b: some })).toEqual({ a: some, b: some });
    expect(await rewritten({ b: other })).toEqual({ a: other, b: other });
    await expect(rewritten({ a: some, b: other })).rejects.toEqual(refusal("b shares elements with a"));
  });

  it("are copied under the name that the model says, wherever links in the folder lead", async () => {
    const path = put({ "model.onnx": model({ location: "parts/../link.data" }), "kept.data": data });
    symlinkSync("kept.data", join(path, "..", "link.data"));
    const to = join(folders.make(), "model.onnx");
    await rewriteOnnx(path, to, new Map([["w", Float32Array.of(1, 2)]]));
    expect(readdirSync(join(to, "..")).sort()).toEqual(["link.data", "model.onnx"]);
    const { tensors } = await readWhole(await openOnnxInitialisers(to));
    expect(tensors.get("w")).toEqual(Float32Array.of(1, 2));
    expect(readFileSync(join(path, "..", "kept.data"))).toEqual(Buffer.from(data));
  });

  it("never replace those of the model, nor of another one", async () => {
    const path = put({ "model.onnx": model({ location: "model.data" }), "model.data": data });
    const folder = join(path, "..");
    const values = new Map([["w", Float32Array.of(1, 2)]]);
    const linked = join(folders.make(), "linked");
    symlinkSync(folder, linked);
    for (const place of [folder, linked])
      await expect(rewriteOnnx(path, join(place, "copy.onnx"), values)).rejects.toEqual(refusal("would replace"));
    const made = folders.make();
    await expect(rewriteOnnx(path, join(made, "model.data"), values)).rejects.toEqual(refusal("choose another name"));
    await rewriteOnnx(path, join(made, "1.onnx"), values);
    await expect(rewriteOnnx(path, join(made, "2.onnx"), values)).rejects.toEqual(refusal("a folder for each model"));
    expect(existsSync(join(made, "2.onnx"))).toBe(false);
    await rewriteOnnx(path, join(made, "1.onnx"), new Map([["w", Float32Array.of(3, 4)]]));
    expect((await readWhole(await openOnnxInitialisers(join(made, "1.onnx")))).tensors.get("w")).toEqual(
      Float32Array.of(3, 4),
    );
    expect(bytesBelow(folder)).toEqual({
      "model.onnx": model({ location: "model.data" }),
      "model.data": Buffer.from(data),
    });
  });

  it("may lie in folders below, which are made", async () => {
    const path = put({ "model.onnx": model({ location: "parts/w.data", offset: "8" }) });
    mkdirSync(join(path, "..", "parts"));
    writeFileSync(join(path, "..", "parts", "w.data"), data);
    const to = join(folders.make(), "model.onnx");
    await rewriteOnnx(path, to, new Map([["w", Float32Array.of(1, 2)]]));
    expect((await readWhole(await openOnnxInitialisers(to))).tensors.get("w")).toEqual(Float32Array.of(1, 2));
  });
});

it("numbers that stand as a list are not rewritten, with advice", async () => {
  const path = put(decoded(named("narrow numbers as lists")));
  const to = join(folders.make(), "model.onnx");
  await expect(rewriteOnnx(path, to, new Map([["F16", new Float32Array(6)]]))).rejects.toEqual(refusal("as raw bytes"));
  expect(existsSync(to)).toBe(false);
});
