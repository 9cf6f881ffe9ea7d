/**
 * The baselines by name: ways to make networks from networks without a diffusion model. What a fitted generator draws is worth
 * its fitting only where it is better than these at the same distance from the originals.
 */
import { suggestion, UserError } from "../errors.ts";
import { averages, interpolations, movingAverage, repeated, tailAverage } from "./averages.ts";
import { crossings } from "./crossover.ts";
import { fullGaussian, independentGaussian, kernelDensity, leadingGaussian, swag } from "./gaussians.ts";
import { absoluteNoise, relativeNoise } from "./noise.ts";
import { type DrawOptions, meanOf, type Vectors } from "./vectors.ts";

export type BaselineFamily = "noise" | "average" | "gaussian" | "latent";

export interface Baseline {
  /** In full: `average:16`. */
  readonly name: string;
  readonly family: BaselineFamily;
  /** Whether it draws parameters, an autoencoder's latents from latents, or parameters of networks in canonical form. */
  readonly space: "parameters" | "latents" | "units";
  /** Whether all its draws are one and the same network. */
  readonly single: boolean;
  /** The fewest originals that it can draw from. */
  readonly needs: number;
  /**
   * New vectors `[count, D]`. Draw i does not depend on how many there are.
   * @param originals at least as many as it needs, of a trajectory in its order.
   */
  draw(originals: Vectors, options: DrawOptions): Promise<Float32Array>;
}

/** A kind of baseline: its number, where it takes one, and what it draws with it. */
interface Kind {
  readonly family: BaselineFamily;
  readonly space?: "latents" | "units";
  /** What the number is, and when it is allowed. */
  readonly number?: { readonly usual?: number; readonly expected: string; fits(n: number): boolean };
  readonly single?: boolean;
  needs(n: number): number;
  draw(n: number, originals: Vectors, options: DrawOptions): Float32Array | Promise<Float32Array>;
}

const sigma = (usual: number) => ({
  usual,
  expected: "a standard deviation above 0",
  fits: (n: number) => n > 0 && Number.isFinite(n),
});
const whole = (least: number) => ({
  expected: `a whole number from ${least}`,
  fits: (n: number) => Number.isInteger(n) && n >= least,
});

const kinds: Readonly<Record<string, Kind>> = {
  noise: { family: "noise", number: sigma(0.05), needs: () => 1, draw: relativeNoise },
  "noise-absolute": { family: "noise", number: sigma(0.06), needs: () => 1, draw: absoluteNoise },
  interpolate: { family: "average", needs: () => 2, draw: (_, ...rest) => interpolations(...rest) },
  average: { family: "average", number: { usual: 16, ...whole(2) }, needs: (k) => k, draw: averages },
  crossover: {
    family: "average",
    space: "units",
    number: { usual: 2, ...whole(2) },
    needs: (k) => k,
    draw: crossings,
  },
  "average:all": { family: "average", single: true, needs: () => 1, draw: (_, v, o) => repeated(meanOf(v), o.count) },
  swa: { family: "average", single: true, needs: () => 2, draw: (_, v, o) => repeated(tailAverage(v), o.count) },
  ema: {
    family: "average",
    single: true,
    number: { usual: 0.95, expected: "a decay between 0 and 1", fits: (n) => n > 0 && n < 1 },
    needs: () => 2,
    draw: (decay, v, o) => repeated(movingAverage(decay, v), o.count),
  },
  gaussian: { family: "gaussian", needs: () => 2, draw: (_, ...rest) => independentGaussian(...rest) },
  "pca-gaussian": {
    family: "gaussian",
    // 0 stands for all directions.
    number: { usual: 0, ...whole(1) },
    needs: (rank) => rank + 2,
    draw: (rank, ...rest) => (rank === 0 ? fullGaussian(...rest) : leadingGaussian(rank, ...rest)),
  },
  swag: { family: "gaussian", needs: () => 3, draw: (_, ...rest) => swag(...rest) },
  "gaussian-latent": {
    family: "latent",
    space: "latents",
    needs: () => 2,
    draw: (_, ...rest) => fullGaussian(...rest),
  },
  "kde-latent": { family: "latent", space: "latents", needs: () => 2, draw: (_, ...rest) => kernelDensity(...rest) },
};

/**
 * A baseline by its name: `gaussian`, or `average:16`, or `average` for the usual one.
 * @throws UserError `E_CONFIG` for an unknown name or an impossible number.
 */
export function baseline(name: string): Baseline {
  const colon = name.indexOf(":");
  const [word, text] = name in kinds || colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
  const kind = Object.hasOwn(kinds, word) ? kinds[word]! : undefined;
  if (kind === undefined)
    throw new UserError(
      "E_CONFIG",
      `unknown generator ${JSON.stringify(name)}.${suggestion(word, ["diffusion", "vae", ...Object.keys(kinds)])}`,
    );
  const { number, family, space = "parameters", single = false } = kind;
  const n = text === undefined ? (number?.usual ?? 0) : Number(text);
  const allowed = text === undefined || (number !== undefined && /^[\d.]+(e[+-]?\d+)?$/.test(text) && number.fits(n));
  if (!allowed)
    throw new UserError(
      "E_CONFIG",
      `generator ${JSON.stringify(name)}: ${number === undefined ? `${word} takes no number` : `expected ${number.expected} after the colon`}, got ${JSON.stringify(text)}`,
    );
  const needs = kind.needs(n);
  const full = number === undefined || n === 0 ? word : `${word}:${n}`;
  return {
    ...{ name: full, family, space, single, needs },
    async draw(originals, options) {
      if (originals.count < needs)
        throw new UserError(
          "E_RUN",
          `${full} needs at least ${needs} originals, got ${originals.count}; collect more (zoo.count)`,
        );
      return kind.draw(n, originals, options);
    },
  };
}
