import { expect, it } from "vitest";

import { each, filled, itComputes, itsGradientsAgree, matrix } from "../../../test/support/op-suites.ts";
import { at } from "../../lookup.ts";
import { interleave } from "../ops/interleave.ts";
import { type Call, input, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { flip, interleaveRows, weave } from "./interleave.ts";
import { loweringContext } from "./rule.ts";

/** Phases of a shape; their elements, counted on from one phase to the next. */
const phasesOf = (shape: Shape, count: number): Tensor[] =>
  Array.from({ length: count }, (_, phase) =>
    filled(
      shape,
      Array.from({ length: sizeOf(shape) }, (_, i) => phase * sizeOf(shape) + i),
    ),
  );

/** An interleaving of `interleave`, computed by rows. */
function byRows(parts: readonly Tensor[], phases: Shape): Tensor {
  const { source } = interleave(parts, phases);
  const lowered = interleaveRows((source as { call: Call }).call, loweringContext("cpu"));
  return at(lowered ?? [], 0);
}

itComputes({
  flip: [
    flip(
      matrix([
        [1, 0, 2],
        [0, 1, 3],
      ]),
      1,
    ),
    [2, 3],
    [2, 0, 1, 3, 1, 0],
  ],
  "flip of two axes at once": [flip(filled([1, 2, 2], [1, 2, 3, 4]), 2), [1, 2, 2], [4, 3, 2, 1]],
  "weave of two phases": [weave(filled([1, 2, 1, 3], [1, 2, 3, 4, 5, 6]), 1), [1, 1, 6], [1, 4, 2, 5, 3, 6]],
  "interleaveRows along one axis": [byRows(phasesOf([1, 2, 2], 2), [2]), [1, 2, 4], [0, 4, 1, 5, 2, 6, 3, 7]],
  "interleaveRows along two axes": [byRows(phasesOf([1, 1, 1, 2], 4), [2, 2]), [1, 1, 2, 4], [0, 2, 1, 3, 4, 6, 5, 7]],
  "interleaveRows along three axes": [
    byRows(phasesOf([1, 1, 1, 1, 1], 8), [2, 2, 2]),
    [1, 1, 2, 2, 2],
    [0, 1, 2, 3, 4, 5, 6, 7],
  ],
  "interleaveRows of a row longer than a product pays": [
    byRows(phasesOf([1, 1, 67], 2), [2]),
    [1, 1, 134],
    Array.from({ length: 134 }, (_, i) => (i % 2) * 67 + Math.floor(i / 2)),
  ],
});

it("flips nothing where there is one element", () => {
  const x = input("x", [4, 1]);
  expect(flip(x, 1)).toBe(x);
});

itsGradientsAgree(each({ flip: (x) => flip(x, 2) }, [[2, 3, 5]], "apart"));
