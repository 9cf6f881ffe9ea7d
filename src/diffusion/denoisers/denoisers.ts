/** The list of denoisers. */
import { type PartOptions, partOf } from "../part.ts";
import type { Process } from "../process.ts";
import type { TokenShape } from "../unit-tokens.ts";
import type { Denoiser, DenoiserPart, DenoiserShape } from "./denoiser.ts";
import { type MlpDenoiserOptions, mlpDenoiser } from "./mlp.ts";
import { isPreconditioned, preconditioned } from "./preconditioned.ts";
import { type UnitDenoiserOptions, unitDenoiser } from "./units.ts";
import { type V1DenoiserOptions, v1Denoiser } from "./v1.ts";
import { type V3DenoiserOptions, v3Denoiser } from "./v3.ts";

/** The denoisers of this package; a new one is a file and a line here. */
export const denoisers: readonly DenoiserPart[] = [mlpDenoiser, v1Denoiser, v3Denoiser, unitDenoiser];

/** Options of the denoisers of this package. */
export type DenoiserOptions = MlpDenoiserOptions | V1DenoiserOptions | V3DenoiserOptions | UnitDenoiserOptions;

/** Builds a denoiser of this package. */
export function denoiser(options: DenoiserOptions, shape: DenoiserShape): Denoiser;
/**
 * Builds the denoiser that a recipe asks for.
 * @param parts the denoisers to choose from.
 * @throws UserError `E_CONFIG` where there is none of this type.
 */
export function denoiser(options: PartOptions, shape: DenoiserShape, parts: readonly DenoiserPart[]): Denoiser;
export function denoiser(
  options: PartOptions,
  shape: DenoiserShape,
  parts: readonly DenoiserPart[] = denoisers,
): Denoiser {
  return partOf(parts, options, "denoiser").build(options, shape);
}

/**
 * The denoiser of a diffusion model: the network that its recipe asks for, preconditioned where its
 * process says so.
 * @param tokens what a latent consists of, where it is tokens.
 */
export function modelDenoiser(
  { denoiser: options, process }: { readonly denoiser: PartOptions; readonly process: Process },
  tokens: TokenShape | undefined,
  parts: readonly DenoiserPart[],
): Denoiser {
  const network = denoiser(options, { steps: process.steps, tokens }, parts);
  return isPreconditioned(process) ? preconditioned(network, process) : network;
}
