import { expect, it } from "vitest";

import { known } from "../../../../test/support/onnx-node.ts";
import {
  broadcastKnown,
  broadcastOf,
  broadcastStrides,
  makeKnown,
  pickElements,
  stridesOf,
  visitElements,
} from "./fold.ts";

it("makes values of zeros, float64 for whole numbers, and refuses huge ones", () => {
  expect(makeKnown("int64", [2], (data) => data.set([7], 1))).toEqual(known([0, 7], [2], "int64"));
  expect(() => makeKnown("float32", [2 ** 20, 2 ** 20], () => {})).toThrow("expected at most 16777216 elements");
});

it("picks elements of another value by their offsets", () => {
  const picked = pickElements(known([10, 20, 30]), [2], (visit) => {
    visit(0, 2);
    visit(1, 0);
  });
  expect(picked).toEqual(known([30, 10]));
});

it("has row-major strides, of 0 along axes that are repeated", () => {
  expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
  expect(broadcastStrides([3, 1], [2, 3, 4])).toEqual([0, 1, 0]);
});

it("broadcasts shapes from the right, and refuses those that do not fit", () => {
  expect(broadcastOf([2, 1], [3])).toEqual([2, 3]);
  expect(broadcastOf([0], [1])).toEqual([0]);
  expect(() => broadcastOf([2], [3])).toThrow("it combines tensors of shapes [2] and [3], which do not broadcast");
});

it("visits elements in row-major order, with their offsets", () => {
  const seen: [number, number][] = [];
  visitElements([2, 3], [1, 2], (i, offset) => void seen.push([i, offset]));
  expect(seen).toEqual([
    [0, 0],
    [1, 2],
    [2, 4],
    [3, 1],
    [4, 3],
    [5, 5],
  ]);
});

it("repeats a value up to a shape", () => {
  expect(broadcastKnown(known([1, 2], [2, 1]), [2, 2])).toEqual(known([1, 1, 2, 2], [2, 2]));
});
