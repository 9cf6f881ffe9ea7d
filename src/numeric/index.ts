/** The room of numerical methods: matrices of rows, eigenvectors, assignment. */
export { assignment } from "./assignment.ts";
export { allEigenvectors, type Eigenvector, leadingEigenvectors, upright } from "./eigenvectors.ts";
export { evenly, joined, rowsOf } from "./rows.ts";
