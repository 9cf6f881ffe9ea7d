/** The metric by which the networks of a run are scored. */
import { z } from "zod";

import type { RecordOf } from "./frozen.ts";

export const metric = z.object({
  /** `accuracy`, or the name of the number that a user's metric gives. */
  name: z.string(),
  /** How scores are shown: a `fraction` as a percentage, a `number` as it is. */
  unit: z.enum(["fraction", "number"]),
  /** Whether a higher score is better. */
  higherIsBetter: z.boolean(),
  /** How it is known whether higher is better, as the end of a sentence. */
  reason: z.string(),
});
export type Metric = RecordOf<typeof metric>;
