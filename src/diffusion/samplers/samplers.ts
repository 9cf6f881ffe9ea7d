/** The list of samplers. */
import { type PartOptions, partOf } from "../part.ts";
import { type DdimOptions, ddim } from "./ddim.ts";
import { type DdpmOptions, ddpm } from "./ddpm.ts";
import { type EulerOptions, euler } from "./euler.ts";
import { type HeunOptions, heun } from "./heun.ts";
import type { Sampler, SamplerPart } from "./sampler.ts";

/** The samplers of this package; a new one is a file and a line here. */
export const samplers: readonly SamplerPart[] = [ddpm, ddim, heun, euler];

/** Options of the samplers of this package. */
export type SamplerOptions = DdpmOptions | DdimOptions | EulerOptions | HeunOptions;

/** Builds a sampler of this package. */
export function sampler(options: SamplerOptions): Sampler;
/**
 * Builds the sampler that a recipe asks for.
 * @param parts the samplers to choose from.
 * @throws UserError `E_CONFIG` where there is none of this type.
 */
export function sampler(options: PartOptions, parts: readonly SamplerPart[]): Sampler;
export function sampler(options: PartOptions, parts: readonly SamplerPart[] = samplers): Sampler {
  return partOf(parts, options, "sampler").build(options);
}
