/**
 * Checkpoints in several formats: safetensors, PyTorch, NumPy, ONNX and agents of
 * Stable-Baselines3, read by ranges and rewritten.
 * @example
 * const { tensors, shapes } = await readStateDict("model.pth");
 * await writeSafetensors("model.safetensors", [
 *   { name: "w", shape: shapes.get("w") ?? [], data: tensors.get("w") ?? new Float32Array() },
 * ]);
 * @module
 */

export { type CheckpointSet, openSet } from "./checkpoint-set.ts";
export { copiesNote, type DistinctFiles, distinctFiles, type ReadVectors } from "./copies.ts";
export { checkpointFiles, type FoundCheckpoints, findCheckpoints, passedOverNote } from "./find-checkpoints.ts";
export { type CheckpointReader, openCheckpoint } from "./flat-reader.ts";
export { openVector, type VectorOptions } from "./flat-vector.ts";
export { type StreamedFile, type WriteRange, writeStreamed } from "./flat-writer.ts";
export type {
  CheckpointFile,
  CheckpointFormat,
  ElementRange,
  FileOptions,
  StoredTensor,
} from "./formats/checkpoint-file.ts";
export { endingOfCopy, openFile, rewriteFile } from "./formats/open-file.ts";
export type { SafetensorsHeader, TensorInfo } from "./formats/safetensors/header.ts";
export {
  type NamedTensor,
  readHeader,
  readSafetensors,
  type SafetensorsContent,
  type StateDict,
  writeSafetensors,
} from "./formats/safetensors/safetensors.ts";
export { type FileSummary, inspectFile, type TensorSummary } from "./inspect.ts";
export { type ExpectedTensor, hasOtherElements } from "./other-elements.ts";
export { type PowerIteration, powerIterations, singularVectors } from "./power-iteration.ts";
export { type ReadElements, sameElements } from "./same-elements.ts";
export { readStateDict } from "./state-dict.ts";
export { type Survey, surveyFiles } from "./survey.ts";
export { type Remarks, remarksOn, tensorsToGenerate } from "./tensors-to-generate.ts";
