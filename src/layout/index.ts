/**
 * Layouts of flat parameter vectors: the order of tensors in a vector, what their names say of
 * them, and selections of them.
 * @example
 * const layout = layoutOf([{ name: "w", shape: [2, 3] }, { name: "b", shape: [2] }]);
 * const tensors = unflatten(layout, new Float32Array(layout.size)); // views of w and b
 * @module
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
export { nameFinder, prefixOf, type Renaming, renamed, renamingOf } from "./prefix.ts";
export { matchesGlob, select } from "./selection.ts";
export { withKinds } from "./tensor-kinds.ts";
