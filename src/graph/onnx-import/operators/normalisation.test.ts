import { float, int } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, outputOf } from "../../../../test/support/onnx-node.ts";
import { filled, itComputes, itRefuses, matrix } from "../../../../test/support/op-suites.ts";
import { input, type Tensor } from "../../tensor.ts";
import { normalisationOperators } from "./normalisation.ts";

const made = (op: string, inputs: readonly Tensor[], attributes: readonly Attribute[]): Tensor =>
  outputOf(normalisationOperators[op], bind(inputs, attributes));

const exact = float("epsilon", 0);
const vector = (...values: number[]) => filled([values.length], values);
// Rows of mean 2 and 5, and of deviation 1 and 3.
const rows = matrix([
  [1, 3],
  [2, 8],
]);
const maps = filled([1, 2, 2], [1, 3, 2, 8]);
// Four channels of one position: groups (1, 3) and (2, 8).
const channels = filled([1, 4, 1], [1, 3, 2, 8]);

itComputes({
  "BatchNormalization by running statistics": [
    made("BatchNormalization", [rows, vector(2, 1), vector(0, 5), vector(1, 3), vector(4, 1)], [exact]),
    [2, 2],
    [0, 5, 1, 10],
  ],
  LayerNormalization: [made("LayerNormalization", [rows, vector(1, 10)], [exact]), [2, 2], [-1, 10, -1, 10]],
  "LayerNormalization with a bias": [
    made("LayerNormalization", [rows, vector(1, 1), vector(7, 0)], [exact]),
    [2, 2],
    [6, 1, 6, 1],
  ],
  "InstanceNormalization, each channel by itself": [
    made("InstanceNormalization", [maps, vector(1, 2), vector(0, 5)], [exact]),
    [1, 2, 2],
    [-1, 1, 3, 7],
  ],
  "GroupNormalization with a weight for each channel": [
    made("GroupNormalization", [channels, vector(1, 2, 3, 4), vector(0, 0, 0, 1)], [exact, int("num_groups", 2)]),
    [1, 4, 1],
    [-1, 2, -3, 5],
  ],
  "GroupNormalization with a weight for each group": [
    made("GroupNormalization", [channels, vector(1, 2), vector(0, 5)], [exact, int("num_groups", 2)]),
    [1, 4, 1],
    [-1, 1, 3, 7],
  ],
  "RMSNormalization, of root mean squares 5 and 1": [
    made(
      "RMSNormalization",
      [
        matrix([
          [1, 7],
          [1, -1],
        ]),
        vector(5, 10),
      ],
      [exact],
    ),
    [2, 2],
    [1, 14, 5, -10],
  ],
});

const x = input("x", [2, 2]);
const w = input("w", [2]);
itRefuses(
  {
    "a model that was exported in training mode": [
      () => made("BatchNormalization", [x, w, w, w, w], [int("training_mode", 1)]),
      "it was exported in training mode; call model.eval() before the export",
    ],
  },
  "E_CHECKPOINT",
);
