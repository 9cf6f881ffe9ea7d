import { describe, expect, it } from "vitest";

import { concatenate, matrix, rowOf, rowsOf, selectRows, stackRows } from "./matrix.ts";

const values = Float32Array.from({ length: 12 }, (_, i) => i);
const three = matrix(values, 4);

describe("a matrix in memory", () => {
  it("knows its rows and columns", () => {
    expect([three.rows, three.columns]).toEqual([3, 4]);
  });

  it("reads a range of columns of every row", async () => {
    expect(await three.read(1, 3)).toEqual(Float32Array.of(1, 2, 5, 6, 9, 10));
  });

  it("reads all columns without a copy", async () => {
    expect(await three.read(0, 4)).toBe(values);
  });

  it("has no rows when it has no values", async () => {
    const none = matrix(new Float32Array(), 4);
    expect(none.rows).toBe(0);
    expect(await none.read(1, 2)).toEqual(new Float32Array());
    expect(rowsOf(none)).toEqual([]);
  });

  it("throws when the values are not whole rows", () => {
    expect(() => matrix(values, 5)).toThrow("12 values are not whole rows of 5 columns");
    expect(() => matrix(values, 0)).toThrow(RangeError);
  });
});

describe("the rows of a matrix", () => {
  it("are views of its values", () => {
    expect(rowOf(three, 1)).toEqual(Float32Array.of(4, 5, 6, 7));
    expect(rowOf(three, 1).buffer).toBe(values.buffer);
    expect(rowsOf(three).map((row) => row[0])).toEqual([0, 4, 8]);
  });

  it("are copied when some are selected", () => {
    const some = selectRows(three, [2, 0]);
    expect([some.rows, some.columns]).toEqual([2, 4]);
    expect(some.values).toEqual(Float32Array.of(8, 9, 10, 11, 0, 1, 2, 3));
    expect(some.values.buffer).not.toBe(values.buffer);
  });
});

describe("stacked vectors", () => {
  it("become the rows of a matrix", () => {
    const stacked = stackRows([Float32Array.of(1, 2), Float32Array.of(3, 4)]);
    expect([stacked.rows, stacked.columns, ...stacked.values]).toEqual([2, 2, 1, 2, 3, 4]);
  });

  it("throws when there are none", () => {
    expect(() => stackRows([])).toThrow("at least one row");
  });
});

it("concatenates arrays in their order", () => {
  expect(concatenate([Float32Array.of(1), Float32Array.of(), Float32Array.of(2, 3)])).toEqual(Float32Array.of(1, 2, 3));
});
