/** The exponential moving average along a trajectory: one network. */
import { z } from "zod";
import type { BaselinePart } from "./baseline.ts";
import { repeated, row } from "./vectors.ts";

/** The exponential moving average of a trajectory, from its first checkpoint to its last. */
export const ema: BaselinePart<number> = {
  type: "ema",
  description: "the exponential moving average of the originals in their order",
  family: "average",
  single: true,
  number: z
    .number()
    .refine((n) => n > 0 && n < 1, "a decay between 0 and 1")
    .default(0.95),
  needs: () => 2,
  draw(decay, originals, { count }) {
    const average = Float64Array.from(row(originals, 0));
    for (let k = 1; k < originals.count; k++) {
      const v = row(originals, k);
      for (let j = 0; j < average.length; j++) average[j] = decay * average[j]! + (1 - decay) * v[j]!;
    }
    return repeated(average, count);
  },
};
