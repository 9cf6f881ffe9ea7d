import { describe, expect, it } from "vitest";

import { bytesOf } from "../read-floats.ts";
import type { Storage, TensorObject } from "./torch-objects.ts";
import { budgetOf, holds, scatter, viewReader, viewsOf } from "./torch-tensors.ts";

const refuse = (problem: string): never => {
  throw new Error(problem);
};
const file = { size: 1000, read: async () => {}, refuse };
const values = Float32Array.from({ length: 6 }, (_, i) => i);
const storage: Storage = { key: "0", dtype: "F32", count: 6 };
const object = (parts: Partial<TensorObject>): TensorObject => ({
  storage,
  offset: 0,
  shape: [2, 3],
  strides: [3, 1],
  properties: undefined,
  ...parts,
});

function viewOf(parts: Partial<TensorObject>) {
  const view = viewsOf(new Map([["w", object(parts)]]), () => {}, file).get("w");
  if (view === undefined) throw new Error("there is no view");
  return view;
}

async function read(parts: Partial<TensorObject>): Promise<number[]> {
  const view = viewOf(parts);
  const bytes = bytesOf(values);
  const reader = viewReader(async () => async (position, into) => {
    into.set(bytes.subarray(position, position + into.length));
  });
  const into = new Float32Array(view.count);
  await reader(view, 0, into);
  return [...into];
}

describe("a tensor as a view of a storage", () => {
  it("is read in row-major order when it is transposed", async () => {
    expect(await read({})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await read({ shape: [3, 2], strides: [1, 3] })).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it("is read from its offset", async () => {
    expect(await read({ offset: 4, shape: [2], strides: [1] })).toEqual([4, 5]);
  });

  it("takes values where its elements lie", () => {
    const view = viewOf({ shape: [3, 2], strides: [1, 3] });
    const bytes = new Uint8Array(24);
    const elements = bytesOf(Float32Array.of(10, 13, 11, 14, 12, 15));
    scatter(elements, view, bytes);
    expect([...new Float32Array(bytes.buffer)]).toEqual([10, 11, 12, 13, 14, 15]);
    expect(holds(bytes, view, elements)).toBe(true);
    expect(holds(bytes, viewOf({}), elements)).toBe(false);
  });

  it.each<[string, Partial<TensorObject>, string]>([
    ["it lies outside of its storage", { offset: 1 }, "needs element 6 of a storage of 6"],
    ["it has too many axes", { shape: Array(65).fill(1), strides: Array(65).fill(1) }, "has 65 dimensions"],
    ["its shape and strides differ in length", { strides: [1] }, "is described in an unknown way"],
  ])("throws when %s", (_, parts, problem) => {
    expect(() => viewOf(parts)).toThrow(problem);
  });
});

it("the memory of a file is limited by its size", () => {
  const spend = budgetOf(file);
  spend(2 ** 26);
  expect(() => spend(1)).toThrow("would fill more than");
});
