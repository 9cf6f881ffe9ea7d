/** The room of run folders: what lies where in them, and how it is read and written. */

export { archiveRun, unpackRun } from "./archive.ts";
export {
  batchesTracked,
  checkpointPath,
  indexOf,
  readBase,
  readCheckpoint,
  tensorsUnder,
  verifiedCheckpoints,
  verifiedHeldOut,
  verify,
  writeCheckpoint,
  writeVectors,
  zooTensors,
} from "./checkpoint-folder.ts";
export { openCheckpointMatrix, openZoo, readCheckpoints } from "./checkpoint-matrix.ts";
export {
  closeJournalFiles,
  type Damage,
  forgetStages,
  isRecorded,
  openJournalFiles,
  recordStage,
  requireUnchanged,
  type Verification,
  verifyRun,
} from "./checksums.ts";
export { curvesOf } from "./curves.ts";
export { type RunEvent, type StageName, stageNames } from "./events.ts";
export { forgetMeasurements, type Journal, openJournal, readStatus } from "./journal.ts";
export { listRuns, type RunSummary } from "./list.ts";
export { existingRun, foldersOf, outputsOf, type Paths, paths, removeOutputs } from "./paths.ts";
export {
  type ProgressId,
  type ProgressItem,
  progressItem,
  sampleSnapshotItem,
  trainReferenceItem,
} from "./progress-items.ts";
export { readAudit, readResults } from "./results.ts";
export { readSampledCoordinates, type SampledCoordinates, sampleCoordinates } from "./sampled-coordinates.ts";
export { fileSaver, SAVE_EVERY_MS } from "./snapshot-file.ts";
export { readNetworkFile, writeNetworkFile } from "./vectors-file.ts";
