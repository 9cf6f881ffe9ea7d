/** The room of data: data sets by name, their splits, batches and the order of an epoch. */
export { epochOrder, fillBatch } from "./batches.ts";
export type { DataSet, Source, Split } from "./data-set.ts";
export { type DataOptions, type DataShape, dataSetNames, dataShape, loadData } from "./load.ts";
