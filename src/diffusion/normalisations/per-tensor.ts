/** The revised paper's normalisation: one scale for each tensor. */
import { at } from "../../lookup.ts";
import { scaleFrom } from "./normalisation.ts";
import type { NormalisationPart } from "./part.ts";

/**
 * Every tensor by one mean and one (unbiased) standard deviation, worked out for each checkpoint
 * and averaged over them. It keeps the proportions inside a layer.
 */
export const perTensor: NormalisationPart = {
  type: "tensor",
  description: "one mean and one standard deviation for each tensor, as the revised paper",
  async ofTensor({ count, size, visit }) {
    const sums = new Float64Array(count);
    await visit((k, values) => {
      for (const value of values) sums[k]! += value;
    });
    const squares = new Float64Array(count);
    await visit((k, values) => {
      const average = at(sums, k) / size;
      for (const value of values) squares[k]! += (value - average) ** 2;
    });
    let [mean, std] = [0, 0];
    for (let k = 0; k < count; k++) {
      mean += at(sums, k) / size / count;
      std += (size > 1 ? Math.sqrt(at(squares, k) / (size - 1)) : 0) / count;
    }
    return { mean, scale: scaleFrom(std) };
  },
};
