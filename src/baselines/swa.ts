/** Stochastic weight averaging (Izmailov et al. 2018): one network. */
import type { BaselinePart } from "./baseline.ts";
import { meanOf, repeated } from "./vectors.ts";

/** The average of the second half of a trajectory. */
export const swa: BaselinePart = {
  type: "swa",
  description: "stochastic weight averaging: the average of the second half of the originals",
  family: "average",
  single: true,
  needs: () => 2,
  draw: (_, originals, { count }) => repeated(meanOf(originals, Math.floor(originals.count / 2)), count),
};
