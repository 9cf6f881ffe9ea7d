/**
 * Layers, losses, initialisers, optimisers and schedules: functions that build graphs.
 * @example
 * const { parameters, outputs } = trace(
 *   (at) => linear(at.in("fc"), input("x", [8, 4]), { out: 2 }),
 *   { training: false },
 * );
 * @module
 */
export { asConstants, asSlices, countOf, type Declared } from "./bind.ts";
export { depthRates, dropPath } from "./drop-path.ts";
export {
  type Initialiser,
  kaimingNormal,
  kaimingUniform,
  normalInitial,
  ones,
  uniformInitial,
  zeros,
} from "./initialisers.ts";
export {
  batchNorm,
  conv,
  convTranspose,
  dropout,
  embedding,
  groupNorm,
  instanceNorm,
  layerNorm,
  linear,
} from "./layers.ts";
export { crossEntropy, meanSquaredError } from "./losses.ts";
export { adam, adamw, type Optimiser, type OptimiserOptions, optimiser, sgd } from "./optimisers.ts";
export {
  batch,
  depth,
  fraction,
  MAX_LAYERS,
  MAX_SIDE,
  MAX_STEPS,
  oddSide,
  optimiserSchema,
  positive,
  scheduleSchema,
  shorthand,
  steps,
  type TrainingInput,
  trainingSchema,
  trainingWith,
  width,
  widths,
} from "./options.ts";
export { type Schedule, type ScheduleOptions, schedule } from "./schedules.ts";
export { type Buffer, type Noise, type Parameter, type Scope, type Traced, trace } from "./scope.ts";
export { timeFeatures } from "./time.ts";
