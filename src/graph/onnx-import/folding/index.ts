/**
 * Constant folding: the arithmetic on shapes and indices that exporters write between the layers,
 * and constants that follow from constants.
 */
import { arithmeticFolds } from "./arithmetic.ts";
import type { FoldTable } from "./fold.ts";
import { indexingFolds } from "./indexing.ts";
import { layoutFolds } from "./layout.ts";

/** Every operator that is folded, by name. */
export const folds: FoldTable = { ...arithmeticFolds, ...indexingFolds, ...layoutFolds };
