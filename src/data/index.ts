/** Data sets by name, their splits, their preparation for networks, and batches filled ahead. */

export { type BatchFiller, batchFiller, epochOrder } from "./batches.ts";
export type { DataSet, Preparation, Source, Split, Unreadable } from "./data-set.ts";
export type { RemoteFile, RemoteSet } from "./download/catalogue.ts";
export {
  type DataSetFacts,
  type GetEvent,
  type GetOptions,
  getDataSet,
  listDataSets,
  remoteSet,
  verifyDataSet,
} from "./download/get.ts";
export { type Batch, type Feed, type FeedOptions, feed, type Plan, planOf, stepsPerEpoch } from "./feed.ts";
export { checkData, type DataOptions, type DataShape, dataShape, type LoadListener, loadData } from "./load.ts";
export { dataRoot, USUAL_ROOT } from "./locations.ts";
export { type NormaliserName, normaliserNames } from "./preparation.ts";
export { type PreparedImages, preparedImages } from "./prepared-images.ts";
export { dataSetNames, hasData } from "./sets/known-sets.ts";
export { sliceSplit } from "./splits.ts";
