/** The room of checkpoints: tensors on disk, their places in one flat vector, and the choice of some of them. */

export { type Faults, show, showFaults } from "../files/index.ts";
export { assignment } from "./assignment.ts";
export type { CheckpointFile, CheckpointFormat, StoredTensor } from "./checkpoint-file.ts";
export { type CheckpointSet, checkpointFiles, openSet } from "./checkpoint-set.ts";
export { allEigenvectors, type Eigenvector, leadingEigenvectors, upright } from "./eigenvectors.ts";
export { tensorsToGenerate } from "./generated.ts";
export {
  balanced,
  deadUnits,
  type HiddenUnits,
  hiddenUnits,
  outgoing,
  ownRanges,
  parametersOf,
  reordered,
} from "./hidden-units.ts";
export { type FileSummary, inspectFile, type TensorSummary } from "./inspect.ts";
export {
  flatten,
  type Layout,
  type LayoutEntry,
  layoutOf,
  parameterCount,
  restrict,
  type TensorKind,
  type TensorSpec,
  unflatten,
} from "./layout.ts";
export { endingOfCopy, openFile, rewriteFile } from "./open-file.ts";
export { nameFinder, prefixOf } from "./prefix.ts";
export {
  type NamedTensor,
  readHeader,
  readSafetensors,
  type SafetensorsContent,
  type StateDict,
  writeSafetensors,
} from "./safetensors.ts";
export type { SafetensorsHeader, TensorInfo } from "./safetensors-header.ts";
export { select } from "./selection.ts";
export { type CheckpointReader, openCheckpoint } from "./slices.ts";
export { readStateDict } from "./state-dict.ts";
export { type StreamedFile, type WriteRange, writeStreamed } from "./stream-writer.ts";
export { matchingOrders } from "./unit-matching.ts";
export {
  allBalanced,
  canonicalForms,
  fromAxes,
  type InputAxes,
  principalAxes,
  scaled,
  toUnitSpace,
  type UnitSpace,
  unitSpace,
} from "./unit-space.ts";
export { openVector } from "./vector.ts";
