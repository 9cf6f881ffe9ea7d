/** Denoising diffusion implicit models (Song, Meng and Ermon, 2021): fewer, larger steps. */
import { at } from "../../lookup.ts";
import { fraction } from "../../nn/index.ts";
import { clip, samplerSteps } from "./options.ts";
import type { NoiseSampler, SamplerPart } from "./sampler.ts";

/** Options of DDIM. */
export interface DdimOptions {
  readonly type: "ddim";
  /** Number of steps, at most T, evenly spaced from the noisiest to the cleanest. */
  readonly steps: number;
  /** 0 is deterministic, 1 has the posterior's variance. */
  readonly eta: number;
  readonly clip: number | null;
}

function build({ steps, eta, clip }: DdimOptions): NoiseSampler {
  return {
    type: "ddim",
    objective: "noise",
    steps,
    clip,
    addsNoise: eta > 0,
    coefficients({ alphaBar }, t, previous) {
      const bar = at(alphaBar, t);
      const barPrevious = previous === undefined ? 1 : at(alphaBar, previous);
      const [root, rest] = [Math.sqrt(bar), Math.sqrt(1 - bar)];
      // Song et al., equations 12 and 16, with ε̂ written through x_t and x̂_0.
      const noise = eta * Math.sqrt(((1 - barPrevious) / (1 - bar)) * (1 - bar / barPrevious));
      const direction = Math.sqrt(Math.max(0, 1 - barPrevious - noise * noise) / (1 - bar));
      return { root, rest, signal: Math.sqrt(barPrevious) - direction * root, direction, noise };
    },
  };
}

/** DDIM's sampler. */
export const ddim: SamplerPart<DdimOptions> = {
  type: "ddim",
  description: "denoising diffusion implicit models: fewer steps, with or without noise",
  objective: "noise",
  options: {
    steps: samplerSteps.default(60),
    eta: fraction.default(0).describe("Amount of noise η: 0 is deterministic, 1 has the variance of the posterior."),
    clip,
  },
  build,
};
