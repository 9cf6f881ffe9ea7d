import { filled, itComputes, itsGradientsAgree, matrix } from "../../test/support/op-suites.ts";
import { constant } from "../graph/index.ts";
import { crossEntropy, meanSquaredError } from "./losses.ts";

// The shares of the right classes are 1/2 and 3/4.
const logits = matrix([
  [5, 5],
  [0, Math.log(3)],
]);
const labels = constant(Int32Array.of(0, 1), [2]);

itComputes({
  meanSquaredError: [meanSquaredError(filled([2, 2], [1, 2, 3, 4]), filled([2, 2], [1, 0, 0, 1])), [], [5.5]],
});
itComputes({ crossEntropy: [crossEntropy(logits, labels), [], [(Math.log(2) + Math.log(4 / 3)) / 2]] }, {}, 1e-6);

itsGradientsAgree([
  { name: "crossEntropy", shapes: [[2, 4]], build: (x) => crossEntropy(x!, labels) },
  {
    name: "meanSquaredError",
    shapes: [
      [3, 2],
      [3, 2],
    ],
    build: (prediction, target) => meanSquaredError(prediction!, target!),
  },
]);
