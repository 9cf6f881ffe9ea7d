/** The room of the method itself: normalisation, autoencoders, denoisers, noise schedules, samplers. */
export { type Autoencoder, autoencoder, type ConvolutionalOptions, type Encoding } from "./autoencoders/autoencoder.ts";
export {
  type Codec,
  linearCodec,
  type NetworkCodecOptions,
  networkCodec,
  varianceExplained,
} from "./autoencoders/codec.ts";
export {
  decodeLinear,
  encodeLinear,
  fitLinearLatents,
  type LinearFit,
  type LinearLatents,
  type LinearSource,
  linearDirections,
} from "./autoencoders/linear.ts";
export { fitUnits, type UnitFit, unitCodec, unitWeights } from "./autoencoders/units.ts";
export { type Denoiser, type DenoiserOptions, denoiser } from "./denoisers/denoiser.ts";
export { type DenoisingErrorOptions, denoisingError } from "./denoisers/denoising-error.ts";
export { type PredictorOptions, predictor } from "./denoisers/predictor.ts";
export { type GeneratorGraphOptions, generatorGraph, generatorNoise, noiseRows } from "./generator-graph.ts";
export { type LatentRange, latentRange } from "./latent-range.ts";
export {
  denormalise,
  fitNormalisation,
  type Normalisation,
  type NormalisationMode,
  normalisationModes,
  normalisationPerCoordinate,
  normalise,
  sliceNormalisation,
  unnormalised,
} from "./normalisation.ts";
export {
  type FlowPath,
  flowPath,
  type NoiseSchedule,
  type NoiseScheduleOptions,
  noiseSchedule,
  type Process,
  type ProcessOptions,
  processOf,
  trainingTimes,
} from "./process.ts";
export {
  fitTensorStatistics,
  type RangedNormalisation,
  rangedNormalisation,
  type TensorStatistics,
} from "./ranged-normalisation.ts";
export {
  isFlow,
  noiseOf,
  type Predictor,
  priorLatents,
  type SampleRun,
  type SamplerOptions,
  type SamplerState,
  sampleLatents,
  timesOf,
} from "./samplers.ts";
export type { NetworkState } from "./trained-state.ts";
export {
  type AutoencoderStep,
  autoencoderStep,
  type DenoiserStep,
  denoiserStep,
  type NoiseAugmentation,
  type TrainingOptions,
} from "./training.ts";
export { sizeOfTokens, type TokenGroup, type TokenShape, unitTokens } from "./unit-tokens.ts";
