/** No scaling. */
import type { NormalisationPart } from "./part.ts";

/** Leaves parameters as they are; only running variances are log-transformed. */
export const none: NormalisationPart = {
  type: "none",
  description: "parameters as they are",
};
