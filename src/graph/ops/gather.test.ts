import { itComputes, itRefuses, itsGradientsAgree, matrix } from "../../../test/support/op-suites.ts";
import { constant, input } from "../tensor.ts";
import { gather, oneHot } from "./gather.ts";

const table = matrix([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const labels = constant(Int32Array.of(2, 0, 2), [3]);

itComputes({
  gather: [gather(table, labels), [3, 2], [5, 6, 1, 2, 5, 6]],
  oneHot: [oneHot(labels, 4), [3, 4], [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0]],
});

const grid = input("grid", [3, 4]);
itRefuses({
  "indices that are not whole": [
    () => gather(grid, grid),
    "gather: takes rows of a table [rows, width] by int indices",
  ],
});

const repeated = constant(Int32Array.of(2, 0, 2, 1, 2), [5]);
itsGradientsAgree([{ name: "gather, rows repeated", shapes: [[4, 3]], build: (t) => gather(t!, repeated) }]);
