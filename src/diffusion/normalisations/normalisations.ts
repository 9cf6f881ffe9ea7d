/** The list of normalisations. */
import { none } from "./none.ts";
import type { NormalisationPart } from "./part.ts";
import { perCoordinate } from "./per-coordinate.ts";
import { perTensor } from "./per-tensor.ts";

/** The normalisations of this package; a new one is a file and a line here. */
export const normalisations: readonly NormalisationPart[] = [perTensor, perCoordinate, none];
