/** The parts that a recipe chooses from: those of this package, and those that a program brings. */
import { type BaselinePart, baselines } from "../baselines/index.ts";
import {
  type AutoencoderPart,
  type DenoiserPart,
  type GeneratorParts,
  generatorParts,
  type NormalisationPart,
  type SamplerPart,
} from "../diffusion/index.ts";

/** Everything that a recipe may choose by name. */
export interface Parts extends GeneratorParts {
  readonly baselines: readonly BaselinePart[];
}

/** The parts of this package. */
export const builtInParts: Parts = { ...generatorParts, baselines };

/**
 * Parts of your own: one of each kind, and any number of baselines.
 * @category Options of the verbs
 */
export interface OwnParts {
  readonly autoencoder?: AutoencoderPart | undefined;
  readonly denoiser?: DenoiserPart | undefined;
  readonly sampler?: SamplerPart | undefined;
  readonly normalisation?: NormalisationPart | undefined;
  readonly baselines?: readonly BaselinePart[] | undefined;
}

/** The list with one more; one of the same type takes the place of this package's. */
const withOwn = <P extends { readonly type: string }>(
  parts: readonly P[],
  own: readonly (P | undefined)[],
): readonly P[] => {
  const added = own.filter((part) => part !== undefined);
  const types = new Set(added.map(({ type }) => type));
  return [...parts.filter(({ type }) => !types.has(type)), ...added];
};

/** The parts of this package and your own. */
export const partsWith = (own: OwnParts): Parts => ({
  autoencoders: withOwn(builtInParts.autoencoders, [own.autoencoder]),
  denoisers: withOwn(builtInParts.denoisers, [own.denoiser]),
  samplers: withOwn(builtInParts.samplers, [own.sampler]),
  normalisations: withOwn(builtInParts.normalisations, [own.normalisation]),
  baselines: withOwn(builtInParts.baselines, own.baselines ?? []),
});

/** The `key=value` assignments with which a recipe chooses your own parts. */
export function choiceOf({ autoencoder, denoiser, sampler, normalisation }: OwnParts): string[] {
  const named = (key: string, part: { readonly type: string } | undefined) =>
    part === undefined ? [] : [`${key}={type: ${JSON.stringify(part.type)}}`];
  return [
    ...named("autoencoder", autoencoder),
    ...named("diffusion.denoiser", denoiser),
    ...named("sample.sampler", sampler),
    ...(normalisation === undefined ? [] : [`normalisation=${JSON.stringify(normalisation.type)}`]),
  ];
}
