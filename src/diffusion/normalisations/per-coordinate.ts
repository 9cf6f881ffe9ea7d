/** One scale for each parameter. */
import { standardisation } from "./normalisation.ts";
import type { NormalisationPart } from "./part.ts";

/** Every coordinate by its own mean and standard deviation: all count the same. */
export const perCoordinate: NormalisationPart = {
  type: "coordinate",
  description: "a mean and a standard deviation for each parameter",
  ofCoordinates: standardisation,
};
