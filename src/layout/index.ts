/**
 * The room of layouts: the order of tensors in a flat vector, what their names say of them
 * and selections of them. It runs in a browser, too.
 */
export {
  flatten,
  type Layout,
  type LayoutEntry,
  layoutOf,
  parameterCount,
  restrict,
  type TensorSpec,
  unflatten,
} from "./layout.ts";
export { nameFinder, prefixOf } from "./prefix.ts";
export { select } from "./selection.ts";
export { withKinds } from "./tensor-kinds.ts";
