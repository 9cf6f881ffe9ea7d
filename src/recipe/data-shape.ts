/** The shape of the data that a recipe asks for. */
import { type DataShape, dataRoot, dataShape } from "../data/index.ts";
import type { Recipe } from "./schema.ts";

/** The shape of a recipe's data, without reading them. */
export const shapeOf = ({ data, seed }: Recipe): DataShape => dataShape({ ...data, root: dataRoot(), seed });
