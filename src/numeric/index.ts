/**
 * The room of numerical methods: matrices, eigenvectors, assignment, quantiles, evenly spaced
 * places.
 */
export { assignment } from "./assignment.ts";
export { allEigenvectors, type Eigenvector, leadingEigenvectors, upright } from "./eigenvectors.ts";
export { evenIndices, evenly, evenlyWithEnds } from "./evenly.ts";
export {
  concatenate,
  type FileMatrix,
  type Matrix,
  type MemoryMatrix,
  matrix,
  rowOf,
  rowsOf,
  selectRows,
  stackRows,
} from "./matrix.ts";
export { orderStatistics } from "./order-statistics.ts";
export { quantile, upperMedian } from "./quantiles.ts";
export { squaredDistance } from "./squared-distance.ts";
