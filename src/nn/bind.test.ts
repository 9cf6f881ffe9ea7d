import { expect, it } from "vitest";

import { filled, itComputes } from "../../test/support/op-suites.ts";
import { input } from "../graph/index.ts";
import { at } from "../lookup.ts";
import { asConstants, asSlices, countOf } from "./bind.ts";

const declared = [{ leaf: input("weight", [2, 3]) }, { leaf: input("bias", [2]) }];
const [weight, bias] = declared.map(({ leaf }) => leaf);
const numbers = [1, 2, 3, 4, 5, 6, 7, 8];

it("counts the elements of all that was declared", () => {
  expect(countOf(declared)).toBe(8);
  expect(countOf([])).toBe(0);
});

it("reads constants one after another, without copying them", () => {
  const flat = Float32Array.from(numbers);
  const constants = asConstants(declared, flat);
  expect([...constants.keys()]).toEqual([weight, bias]);
  expect(constants.get(weight!)).toMatchObject({ shape: [2, 3], source: { data: Float32Array.of(1, 2, 3, 4, 5, 6) } });
  const { source } = constants.get(bias!)!;
  expect(source).toMatchObject({ kind: "constant", data: Float32Array.of(7, 8) });
  expect((source as { data: Float32Array }).data.buffer).toBe(flat.buffer);
});

const slices = [...asSlices(declared, filled([8], numbers)).values()];
itComputes({
  "the first slice of a flat vector": [at(slices, 0), [2, 3], [1, 2, 3, 4, 5, 6]],
  "the second slice of a flat vector": [at(slices, 1), [2], [7, 8]],
});
