import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../../test/support/temporary-folders.ts";
import { UserError } from "../../../errors.ts";
import { readWhole } from "../../state-dict.ts";
import { ALL_DECODERS, ENCODERS, isComplex } from "../dtypes.ts";
import { bytesOf, npyFile, npyHeader, numpyCases } from "./npy.fixture.ts";
import { openNpy, rewriteNpy } from "./npy.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const cases = numpyCases("one.npy");
const sound = cases.filter(([, { refused }]) => refused === undefined);

const folder = folders.make();
function put(bytes: Uint8Array, name = "one.npy"): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

describe("an array that NumPy saved", () => {
  it.each(sound)("has the type, shape and values that NumPy gave it: %s", async (_, value) => {
    const file = await openNpy(put(bytesOf(value)));
    const { dtype, shape, count } = file.tensors.get("arr_0")!;
    expect(file).toMatchObject({ format: "npy", bytes: bytesOf(value).length, metadata: {} });
    expect({ dtype, shape }).toEqual({
      dtype: value.dtypes.one,
      shape: isComplex(dtype) ? [...value.shapes.one!, 2] : value.shapes.one,
    });
    const found = new Float32Array(count);
    if (ALL_DECODERS.has(dtype)) {
      await file.readFloats("arr_0", 0, found);
      expect([...found]).toEqual(value.values.one);
    }
    await file.close();
  });

  it.each(sound.filter(([, { dtypes }]) => ENCODERS.has(dtypes.one!)))(
    "stays the same bytes with its own values, in its byte and index order: %s",
    async (_, value) => {
      const path = put(bytesOf(value));
      const to = join(folder, "copy.npy");
      const own = Float32Array.from(value.values.one!);
      await rewriteNpy(path, to, new Map([["arr_0", own]]));
      // A double holds more than the float32 that is read of it.
      if (value.dtypes.one !== "F64") expect(readFileSync(to)).toEqual(bytesOf(value));
      const { tensors } = await readWhole(await openNpy(to));
      expect(tensors.get("arr_0")).toEqual(own);
    },
  );

  it.each(cases.filter(([, { refused }]) => refused !== undefined))("is refused by name: %s", async (_, value) => {
    const path = put(bytesOf(value));
    await expect(openNpy(path)).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(new RegExp(`^${path}: .*${value.refused}`)),
    });
  });

  it("is read or refused, whatever happened to its bytes", async () => {
    const edit = fc.record({ at: fc.nat(400), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(300)),
        async ([, value], edits, cut) => {
          const bytes = bytesOf(value);
          for (const { at, byte } of edits) bytes[at % Math.min(bytes.length, 140)] = byte;
          const path = put(bytes.subarray(0, cut ?? bytes.length));
          await openNpy(path).then(readWhole, (error) => expect(error).toBeInstanceOf(UserError));
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Elements in row-major order as column-major ones: by the definition of both. */
function columnMajor<T>(values: readonly T[], shape: readonly number[]): T[] {
  const result = [...values];
  for (const [i, value] of values.entries()) {
    let [rest, at] = [i, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = shape.slice(0, axis).reduce((product, n) => product * n, 1);
      at += (rest % shape[axis]!) * stride;
      rest = Math.floor(rest / shape[axis]!);
    }
    result[at] = value;
  }
  return result;
}

describe("an array of any shape, order and version", () => {
  const arrays = fc.record({
    shape: fc.array(fc.nat(5), { maxLength: 4 }),
    fortran: fc.boolean(),
    big: fc.boolean(),
    type: fc.constantFrom("f2", "f4", "f8"),
    version: fc.constantFrom([1, 0] as const, [2, 0] as const, [3, 0] as const),
    order: fc.constantFrom([0, 1, 2], [2, 1, 0], [1, 2, 0]),
    range: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  });

  it("is read in any range, and rewritten to the bytes that NumPy would save", async () => {
    await fc.assert(
      fc.asyncProperty(arrays, async ({ shape, fortran, big, type, version, order, range }) => {
        const count = shape.reduce((product, n) => product * n, 1);
        const values = Array.from({ length: count }, (_, i) => i / 4 - 3);
        const elements = (numbers: readonly number[]): Buffer => {
          const ordered = Float32Array.from(fortran ? columnMajor(numbers, shape) : numbers);
          const dtype = { f2: "F16", f4: "F32", f8: "F64" }[type]!;
          const bytes = Buffer.from(ENCODERS.get(dtype)!(ordered));
          const width = Number(type[1]);
          if (big) for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
          return bytes;
        };
        const parts = /\{(.*?), ('fortran.*?), ('shape.*), \}/.exec(
          npyHeader(`${big ? ">" : "<"}${type}`, fortran, shape),
        )!;
        const header = `{${order.map((i) => parts[i + 1]).join(", ")}, }`;
        const path = put(npyFile(header, elements(values), version));
        const file = await openNpy(path);
        expect(file.tensors.get("arr_0")).toMatchObject({ shape, count });
        const [start, end] = range.map((part) => Math.round(part * count)).sort((a, b) => a - b) as [number, number];
        const into = new Float32Array(end - start);
        await file.readFloats("arr_0", start, into);
        expect([...into]).toEqual(values.slice(start, end));
        await file.close();
        const other = values.map((v) => -v / 2 - 1);
        const to = join(folder, "copy.npy");
        await rewriteNpy(path, to, new Map([["arr_0", Float32Array.from(other)]]));
        expect(readFileSync(to)).toEqual(npyFile(header, elements(other), version));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [[40_000, 3], "stretch by stretch of each column"],
    [[3, 40_000], "several columns at once"],
    [[2, 1_500_000], "in more than one piece"],
  ])("of columns is read in ranges that split rows and columns: %j, %s", async (shape) => {
    const [rows, columns] = shape as [number, number];
    const values = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values[c * rows + r] = r * columns + c;
    const path = put(npyFile(npyHeader("<f4", true, shape), new Uint8Array(values.buffer)));
    const file = await openNpy(path);
    for (const [start, length] of [
      [0, 1],
      [columns - 1, 2],
      [values.length - 1, 1],
      [Math.floor(values.length / 3), Math.floor(values.length / 2)],
      [0, values.length],
    ] as const) {
      const into = new Float32Array(length);
      await file.readFloats("arr_0", start, into);
      expect([start, into.findIndex((v, i) => v !== start + i)]).toEqual([start, -1]);
    }
    await file.close();
  });
});

describe("a file that NumPy would not save is refused, saying what is wrong", () => {
  const four = new Uint8Array(16);
  const header = (text: string) => npyFile(text, four);
  it.each<[string, Buffer, string]>([
    ["nothing", Buffer.alloc(0), "it is not an array of NumPy"],
    ["another file", Buffer.from("a text of some length"), "it is not an array of NumPy"],
    ["the magic alone", Buffer.from("\x93NUMPY", "latin1"), "it ends in its header"],
    ["version 4", npyFile(npyHeader("<f4", false, [4]), four, [4, 0]), "the unknown version 4.0"],
    ["version 1.1", npyFile(npyHeader("<f4", false, [4]), four, [1, 1]), "the unknown version 1.1"],
    ["a header longer than the file", npyFile("{}", four).fill(0xff, 8, 10), "its header claims 65535 bytes"],
    ["a long header", header(`{${" ".repeat(20_000)}}`), "its header claims"],
    ["no literal", header("import os"), "its header is"],
    [
      "a key twice",
      header("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (4,), }"),
      "its header is",
    ],
    ["a key too many", header("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'x': 1}"), "its header is"],
    ["a key too few", header("{'descr': '<f4', 'shape': (4,), }"), "its header is"],
    ["a call", header("{'descr': str('<f4'), 'fortran_order': False, 'shape': (4,), }"), "its header is"],
    ["a shape that is a number", header("{'descr': '<f4', 'fortran_order': False, 'shape': (4), }"), "its header is"],
    ["a shape of a comma", header("{'descr': '<f4', 'fortran_order': False, 'shape': (,), }"), "its header is"],
    ["a shape that is a sum", header("{'descr': '<f4', 'fortran_order': False, 'shape': (2 2,), }"), "its header is"],
    ["a negative shape", header("{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }"), "its header is"],
    ["an order that is a number", header("{'descr': '<f4', 'fortran_order': 0, 'shape': (4,), }"), "its header is"],
    ["a type that is a list", header("{'descr': ['<f4'], 'fortran_order': False, 'shape': (4,), }"), "several fields"],
    ["a type of this machine's order", header(npyHeader("=f4", false, [4])), "which is not read"],
    ["objects", header(npyHeader("|O", false, [2])), "Python objects"],
    ["raw bytes", header(npyHeader("|V4", false, [4])), "bytes without a meaning"],
    ["elements missing", header(npyHeader("<f4", false, [5])), "it has 16 bytes of elements, expected 20"],
    ["elements left over", header(npyHeader("<f4", false, [3])), "it has 16 bytes of elements, expected 12"],
    ["a huge shape", header(npyHeader("<f4", false, [2 ** 31])), "more than 2^30 elements"],
    ["a huge product", header(npyHeader("<f4", false, Array(40).fill(1e15))), "more than 2^30 elements"],
    ["a huge number", header(npyHeader("<f4", false, [9_999_999_999_999_999])), "its header is"],
    ["many dimensions", header(npyHeader("<f4", false, [4, ...Array(64).fill(1)])), "it has 65 dimensions"],
  ])("%s", async (_, bytes, problem) => {
    await expect(openNpy(put(bytes))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining(problem),
    });
  });
});

it("an array of whole numbers is read, and not rewritten", async () => {
  const path = put(npyFile(npyHeader("<i2", false, [2]), Buffer.from([255, 255, 2, 0])));
  expect((await readWhole(await openNpy(path))).tensors.get("arr_0")).toEqual(Float32Array.of(-1, 2));
  await expect(
    rewriteNpy(path, join(folder, "copy.npy"), new Map([["arr_0", new Float32Array(2)]])),
  ).rejects.toMatchObject({
    code: "E_CHECKPOINT",
    message: expect.stringContaining("cannot be generated"),
  });
});
