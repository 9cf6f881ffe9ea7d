import { filled, itComputes, itRefuses, itsGradientsAgree } from "../../../test/support/op-suites.ts";
import { input } from "../tensor.ts";
import { interleave } from "./interleave.ts";

const parts = (shape: readonly number[], ...all: number[][]) => all.map((elements) => filled(shape, elements));

itComputes({
  "interleave along one axis": [
    interleave(parts([1, 2, 2], [1, 2, 10, 20], [3, 4, 30, 40]), [2]),
    [1, 2, 4],
    [1, 3, 2, 4, 10, 30, 20, 40],
  ],
  "interleave along two axes": [
    interleave(parts([1, 1, 1, 2], [1, 2], [3, 4], [5, 6], [7, 8]), [2, 2]),
    [1, 1, 2, 4],
    [1, 3, 2, 4, 5, 7, 6, 8],
  ],
});

const part = input("part", [1, 2, 3]);
itRefuses({
  "fewer parts than phases": [() => interleave([part, part], [3]), "interleave: 2 tensors for [3] phases"],
  "no parts": [() => interleave([], [0]), "interleave: there are no phases"],
});

itsGradientsAgree([
  {
    name: "interleave",
    shapes: Array.from({ length: 6 }, () => [2, 1, 2, 3]),
    build: (...xs) => interleave(xs, [2, 3]),
  },
]);
