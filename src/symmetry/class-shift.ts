/**
 * What softmax cannot see. A constant added to all logits changes no probability, so the mean over
 * classes of the last layer's weights and biases says nothing of what a classifier does.
 */
import { last } from "../lookup.ts";
import { type MemoryMatrix, matrix } from "../numeric/index.ts";
import type { HiddenUnits } from "./hidden-units.ts";

/** Classifiers `[n, D]` whose last layer has no mean over classes. */
export function withoutClassShift({ values, columns }: MemoryMatrix, units: HiddenUnits): MemoryMatrix {
  const { inputs, each, outputs, weight, bias } = last(units);
  const width = inputs * each;
  const out = values.slice();
  const centre = (first: number, step: number) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += out[first + o * step]!;
    for (let o = 0; o < outputs; o++) out[first + o * step]! -= sum / outputs;
  };
  for (let start = 0; start < out.length; start += columns) {
    for (let i = 0; i < width; i++) centre(start + weight + i, width);
    centre(start + bias, 1);
  }
  return matrix(out, columns);
}
