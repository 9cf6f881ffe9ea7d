import { each, gradientOf, itComputes, itsGradientsAgree, matrix, twice } from "../../../test/support/op-suites.ts";
import { add } from "./elementwise.ts";
import { logSoftmax, softmax } from "./softmax.ts";

// Of equal numbers each has the same share, however large they are.
const rows = matrix([
  [0, 0],
  [1000, 1000],
]);
const LN_2 = Math.fround(Math.LN2);

itComputes({
  softmax: [softmax(rows), [2, 2], [0.5, 0.5, 0.5, 0.5]],
  logSoftmax: [logSoftmax(rows), [2, 2], [-LN_2, -LN_2, -LN_2, -LN_2]],
});

itsGradientsAgree([
  ...each({ "softmax of rank 3": softmax, "logSoftmax of rank 3": logSoftmax }, [[2, 3, 5]], "apart"),
  ...twice(each({ "softmax and logSoftmax": (x) => gradientOf(add(softmax(x), logSoftmax(x)), x) }, [[3, 4]], "apart")),
]);
