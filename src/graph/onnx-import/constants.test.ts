import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { known } from "../../../test/support/onnx-node.ts";
import { TensorProtoSchema } from "../onnx_pb.ts";
import { asConstant, checkSize, dtypeOf, type ExternalReader, knownOf, knownVector } from "./constants.ts";

const read = (tensor: MessageInitShape<typeof TensorProtoSchema>, external?: ExternalReader) =>
  knownOf(create(TensorProtoSchema, { name: "w", ...tensor }), external);

/** Little-endian bytes of a typed array. */
const bytes = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer);

describe("a tensor of a file", () => {
  it.each<[string, number, Uint8Array, ReturnType<typeof known>]>([
    ["float32", 1, bytes(Float32Array.of(0.5, -2)), known([0.5, -2])],
    ["uint8", 2, Uint8Array.of(255, 1), known([255, 1], [2], "int32")],
    ["int8", 3, Uint8Array.of(255, 1), known([-1, 1], [2], "int32")],
    ["uint16", 4, bytes(Uint16Array.of(65535, 1)), known([65535, 1], [2], "int32")],
    ["int16", 5, bytes(Int16Array.of(-2, 1)), known([-2, 1], [2], "int32")],
    ["int32", 6, bytes(Int32Array.of(-3, 1)), known([-3, 1], [2], "int32")],
    ["int64", 7, bytes(BigInt64Array.of(-4n, 2n ** 40n)), known([-4, 2 ** 40], [2], "int64")],
    ["bool", 9, Uint8Array.of(0, 1), known([0, 1], [2], "bool")],
    ["float16", 10, bytes(Uint16Array.of(0x3c00, 0xc000)), known([1, -2])],
    ["float64", 11, bytes(Float64Array.of(0.1, 2)), known([0.1, 2])],
    ["uint32", 12, bytes(Uint32Array.of(2 ** 32 - 1, 1)), known([2 ** 32 - 1, 1], [2], "int64")],
    ["uint64", 13, bytes(BigUint64Array.of(5n, 6n)), known([5, 6], [2], "int64")],
    ["bfloat16", 16, bytes(Uint16Array.of(0x3f80, 0xc040)), known([1, -3])],
  ])("is read from raw bytes of type %s", (_, dataType, rawData, expected) => {
    expect(read({ dataType, dims: [2n], rawData })).toEqual(expected);
    expect(dtypeOf(dataType)).toBe(expected.dtype);
  });

  it.each<[string, MessageInitShape<typeof TensorProtoSchema>, ReturnType<typeof known>]>([
    ["floats", { dataType: 1, floatData: [0.5, 1] }, known([0.5, 1])],
    ["doubles", { dataType: 11, doubleData: [0.5, 1] }, known([0.5, 1])],
    ["int64", { dataType: 7, int64Data: [1n, -1n] }, known([1, -1], [2], "int64")],
    ["uint64", { dataType: 12, uint64Data: [1n, 2n] }, known([1, 2], [2], "int64")],
    ["int32", { dataType: 3, int32Data: [1, -1] }, known([1, -1], [2], "int32")],
    ["bits of float16", { dataType: 10, int32Data: [0x3c00, 0xc000] }, known([1, -2])],
    ["bits of bfloat16", { dataType: 16, int32Data: [0x3f80, 0xc040] }, known([1, -3])],
  ])("is read from a list of %s", (_, tensor, expected) => {
    expect(read({ dims: [2n], ...tensor })).toEqual(expected);
  });

  it("may be empty, and may begin at any byte", () => {
    expect(read({ dataType: 1, dims: [0n] })).toEqual(known([], [0]));
    const shifted = Uint8Array.of(9, ...bytes(Float32Array.of(0.5))).subarray(1);
    expect(read({ dataType: 1, dims: [1n], rawData: shifted })).toEqual(known([0.5]));
  });

  it("may lie in another file", () => {
    const externalData = [
      { key: "location", value: "weights.bin" },
      { key: "offset", value: "8" },
      { key: "length", value: "4" },
    ];
    const asked: unknown[] = [];
    const reader: ExternalReader = (...where) => {
      asked.push(where);
      return bytes(Float32Array.of(7));
    };
    expect(read({ dataType: 1, dims: [1n], dataLocation: 1, externalData }, reader)).toEqual(known([7]));
    expect(asked).toEqual([["weights.bin", 8, 4]]);
    expect(() => read({ dataType: 1, dims: [1n], dataLocation: 1, externalData })).toThrow(
      "its tensor w lies in another file, which is missing",
    );
  });

  it("is refused when its type is not read, or its numbers are too few", () => {
    expect(() => read({ dataType: 8, dims: [1n] })).toThrow("its tensor w is of type 8, which is not read");
    expect(() => read({ dataType: 1, dims: [3n], floatData: [1] })).toThrow("has 1 numbers, expected 3 for [3]");
    expect(() => read({ dataType: 1, dims: [2n], rawData: Uint8Array.of(1) })).toThrow("has 1 bytes, expected 8");
  });
});

it("bounds the size of a tensor, and refuses dimensions that are none", () => {
  expect(checkSize([2 ** 14, 2 ** 14])).toEqual([2 ** 14, 2 ** 14]);
  for (const shape of [[2 ** 14, 2 ** 15], [-1], [0.5]])
    expect(() => checkSize(shape)).toThrow("expected at most 268435456 elements");
});

it.each([
  [known([1.5]), Float32Array.of(1.5)],
  [knownVector([3]), BigInt64Array.of(3n)],
  [known([4], [1], "int32"), Int32Array.of(4)],
  [known([1], [1], "bool"), Uint8Array.of(1)],
])("makes a constant of the same type: %o", (value, data) => {
  expect(asConstant(value)).toEqual({ shape: [1], dtype: value.dtype, source: { kind: "constant", data } });
});
