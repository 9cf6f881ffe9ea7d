/** Ancestral sampling (Ho, Jain and Abbeel, 2020): one step for every time. */

import { z } from "zod";
import { at } from "../../lookup.ts";
import { clip } from "./options.ts";
import type { NoiseSampler, SamplerPart } from "./sampler.ts";

/** Options of ancestral sampling. */
export interface DdpmOptions {
  readonly type: "ddpm";
  /** Variance of each step: β_t (`large`) or β̃_t of the posterior; Ho et al., section 3.2. */
  readonly variance: "large" | "posterior";
  readonly clip: number | null;
}

function build({ variance, clip }: DdpmOptions): NoiseSampler {
  return {
    type: "ddpm",
    objective: "noise",
    steps: undefined,
    clip,
    addsNoise: true,
    coefficients({ beta, alphaBar }, t, previous) {
      const bar = at(alphaBar, t);
      const barPrevious = previous === undefined ? 1 : at(alphaBar, previous);
      // The posterior q(x_{t−1} | x_t, x_0), Ho et al., equations 6 and 7.
      const posterior = (at(beta, t) * (1 - barPrevious)) / (1 - bar);
      return {
        root: Math.sqrt(bar),
        rest: Math.sqrt(1 - bar),
        signal: (at(beta, t) * Math.sqrt(barPrevious)) / (1 - bar),
        direction: ((1 - barPrevious) * Math.sqrt(1 - at(beta, t))) / (1 - bar),
        noise: previous === undefined ? 0 : Math.sqrt(variance === "large" ? at(beta, t) : posterior),
      };
    },
  };
}

/** The sampler of the paper. */
export const ddpm: SamplerPart<DdpmOptions> = {
  type: "ddpm",
  description: "ancestral sampling, one step for every time of the process",
  objective: "noise",
  options: {
    variance: z
      .enum(["large", "posterior"])
      .default("posterior")
      .describe("Variance of each step: `large` is β, `posterior` is β̃ of the posterior."),
    clip,
  },
  build,
};
