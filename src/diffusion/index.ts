/**
 * The method itself: normalisations, autoencoders, denoisers, processes and samplers, each a part
 * that describes itself.
 * @example
 * // An autoencoder of your own, to pass as fit({ checkpoints, run, autoencoder: mine }).
 * const mine = trainedAutoencoder<{ type: "mine"; latent: number }>({
 *   type: "mine",
 *   description: "one linear layer each way",
 *   options: { latent: z.int().min(1).default(8) },
 *   defaults: { noise: {}, training: { steps: 200, batch: 16, lr: 1e-3, … } },
 *   build: ({ latent }, dimension) => ({
 *     latent,
 *     dimension,
 *     encode: (at, v) => ({ mean: linear(at.in("encoder"), v, { out: latent }) }),
 *     decode: (at, z) => linear(at.in("decoder"), z, { out: dimension }),
 *   }),
 * });
 * @module
 */
export type {
  AutoencoderPart,
  AutoencoderPlan,
  AutoencoderShape,
  Codec,
  FitTask,
  FittedAutoencoder,
  LoadSource,
  StreamedDecoder,
} from "./autoencoders/autoencoder.ts";
export { autoencoders } from "./autoencoders/autoencoders.ts";
export { codecOf, varianceExplained } from "./autoencoders/codec.ts";
export { type ConvOptions, convAutoencoder } from "./autoencoders/conv.ts";
export type { AutoencoderNetwork, Encoding } from "./autoencoders/network.ts";
export {
  type TrainedAutoencoder,
  type TrainedDefaults,
  type TrainedOptions,
  type TrainedPart,
  trainedAutoencoder,
} from "./autoencoders/trained.ts";
export { type V3Options, v3Autoencoder } from "./autoencoders/v3.ts";
export type { Denoiser, DenoiserPart, DenoiserShape } from "./denoisers/denoiser.ts";
export { denoiser, denoisers, modelDenoiser } from "./denoisers/denoisers.ts";
export { type DenoisingErrorOptions, denoisingError } from "./denoisers/denoising-error.ts";
export { isPreconditioned } from "./denoisers/preconditioned.ts";
export { type CompiledPredictor, type PredictorOptions, predictor } from "./denoisers/predictor.ts";
export { requireDifferent } from "./equal-checkpoints.ts";
export { type Fitting, fitNetwork, type TrainingHost } from "./fit-network.ts";
export {
  type GeneratorGraphOptions,
  generatorGraph,
  generatorNoise,
  noiseRows,
} from "./generator-graph.ts";
export { type LatentRange, latentRange } from "./latent-range.ts";
export { MAX_NUMBERS, requireFits, requireParametersFit } from "./limits.ts";
export { fitNormalisation } from "./normalisations/fit-normalisation.ts";
export {
  denormalise,
  type Normalisation,
  normalise,
  standardisation,
  unnormalised,
} from "./normalisations/normalisation.ts";
export { normalisations } from "./normalisations/normalisations.ts";
export type { NormalisationPart, Standard, TensorValues } from "./normalisations/part.ts";
export {
  defaultsOf,
  type OptionsProblem,
  type Part,
  type PartOptions,
  partOf,
  partSchema,
} from "./part.ts";
export { type GeneratorParts, generatorParts } from "./parts.ts";
export {
  type FlowPath,
  flowPath,
  type NoiseSchedule,
  type NoiseScheduleOptions,
  noiseSchedule,
  type Process,
  type ProcessOptions,
  processOf,
  processSchema,
  trainingTimes,
} from "./process.ts";
export { guidanceWeights, guided } from "./samplers/guidance.ts";
export {
  noiseOf,
  type Predictor,
  priorLatents,
  type SampleRun,
  type SamplerState,
  sampleLatents,
} from "./samplers/sample-latents.ts";
export {
  callsOf,
  type NoiseSampler,
  type Sampler,
  type SamplerPart,
  type StepCoefficients,
  timesOf,
  type VelocitySampler,
} from "./samplers/sampler.ts";
export { sampler, samplers } from "./samplers/samplers.ts";
export {
  type Saved,
  type Store,
  savedState,
  stateTensors,
  type Tensors,
} from "./saved.ts";
export { shorter } from "./smaller.ts";
export { snapshotNear, snapshotSteps } from "./snapshot-steps.ts";
export type { NetworkState } from "./trained-state.ts";
export {
  type AutoencoderStep,
  autoencoderStep,
  type DenoiserStep,
  denoiserStep,
  type NoiseAugmentation,
  type TrainingOptions,
} from "./training.ts";
export type { TokenGroup, TokenShape } from "./unit-tokens.ts";
