import { int, ints } from "../../../test/support/onnx-model.ts";
import { type Attribute, attributeMap } from "../../../test/support/onnx-node.ts";
import { filled, itComputes, itRefuses } from "../../../test/support/op-suites.ts";
import { input } from "../tensor.ts";
import { attributesOf } from "./attributes.ts";
import { averagePool, maximumPool } from "./pools.ts";

const attributes = (kernel: readonly number[], more: readonly Attribute[] = []) =>
  attributesOf(attributeMap([ints("kernel_shape", kernel), ...more]));

const line = filled([1, 1, 5], [-3, -6, -9, -12, -15]);
const map = filled([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
const stride = ints("strides", [2]);
const onlyAfter = ints("pads", [0, 1]);
const up = int("ceil_mode", 1);

itComputes({
  "the maximum of windows": [maximumPool(line, attributes([2], [stride])), [1, 1, 2], [-3, -9]],
  "the maximum, of a last window that is cut": [
    maximumPool(line, attributes([2], [stride, up])),
    [1, 1, 3],
    [-3, -9, -15],
  ],
  "the maximum, padded at one end": [
    maximumPool(line, attributes([2], [onlyAfter])),
    [1, 1, 5],
    [-3, -6, -9, -12, -15],
  ],
  "the maximum of a whole map": [maximumPool(map, attributes([2, 3])), [1, 1, 1, 1], [6]],
  "the mean of windows": [averagePool(line, attributes([2], [stride])), [1, 1, 2], [-4.5, -10.5]],
  "the mean, of a last window that is cut": [
    averagePool(line, attributes([2], [stride, up])),
    [1, 1, 3],
    [-4.5, -10.5, -15],
  ],
  "the mean without the padding": [
    averagePool(line, attributes([3], [stride, ints("pads", [1, 1])])),
    [1, 1, 3],
    [-4.5, -9, -13.5],
  ],
  "the mean with the padding": [
    averagePool(line, attributes([3], [stride, ints("pads", [1, 1]), int("count_include_pad", 1)])),
    [1, 1, 3],
    [-3, -9, -9],
  ],
  "the mean of a whole map": [averagePool(map, attributes([2, 3])), [1, 1, 1, 1], [3.5]],
});

const x = input("x", [1, 1, 6, 6]);
itRefuses(
  {
    dilations: [
      () => maximumPool(x, attributes([2, 2], [ints("dilations", [2, 2])])),
      "it has a MaxPool with dilations, which is not supported",
    ],
    "sides that differ": [
      () => averagePool(x, attributes([2, 3])),
      "it has a AveragePool whose sides or strides differ, which is not supported",
    ],
  },
  "E_CHECKPOINT",
);
