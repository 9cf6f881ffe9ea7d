/** The parts of a generator that recipes choose from. */
import type { AutoencoderPart } from "./autoencoders/autoencoder.ts";
import { autoencoders } from "./autoencoders/autoencoders.ts";
import type { DenoiserPart } from "./denoisers/denoiser.ts";
import { denoisers } from "./denoisers/denoisers.ts";
import { normalisations } from "./normalisations/normalisations.ts";
import type { NormalisationPart } from "./normalisations/part.ts";
import type { SamplerPart } from "./samplers/sampler.ts";
import { samplers } from "./samplers/samplers.ts";

/** What a recipe may choose from. */
export interface GeneratorParts {
  readonly autoencoders: readonly AutoencoderPart[];
  readonly denoisers: readonly DenoiserPart[];
  readonly samplers: readonly SamplerPart[];
  readonly normalisations: readonly NormalisationPart[];
}

/** The parts of this package. */
export const generatorParts: GeneratorParts = {
  autoencoders,
  denoisers,
  samplers,
  normalisations,
};
