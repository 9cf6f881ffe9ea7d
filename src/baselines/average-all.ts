/** The average of all originals: one network. */
import type { BaselinePart } from "./baseline.ts";
import { meanOf, repeated } from "./vectors.ts";

/** The uniform average of all originals. */
export const averageAll: BaselinePart = {
  type: "average:all",
  description: "the average of all originals",
  family: "average",
  single: true,
  needs: () => 1,
  draw: (_, originals, { count }) => repeated(meanOf(originals), count),
};
