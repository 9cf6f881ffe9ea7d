/** Trains task networks, whose checkpoints are the data of the method, and inspects checkpoints. */
export { type Classifier, classifier, type ImageShape } from "./classifier.ts";
export { type InspectSetOptions, inspectSet, type SetSummary } from "./inspect-set.ts";
export type { Suggestion, TensorVariation } from "./suggest-tensors.ts";
export { type TrainOptions, trainClassifier } from "./train.ts";
export {
  type BatchedTrainer,
  type BatchedTrainerOptions,
  type BatchedTraining,
  batchedTrainer,
  canTrainBatched,
  canUseBatchedTrainer,
  jointLoss,
} from "./train-batched.ts";
export { type CheckpointSequence, looksLikeTrajectory } from "./trajectory.ts";
