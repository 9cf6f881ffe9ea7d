/** The list of baselines, and baselines by their names in recipes. */
import { suggestion, UserError } from "../errors.ts";
import { absoluteNoise } from "./absolute-noise.ts";
import { average } from "./average.ts";
import { averageAll } from "./average-all.ts";
import type { Baseline, BaselinePart } from "./baseline.ts";
import { crossover } from "./crossover.ts";
import { ema } from "./ema.ts";
import { effectGaussian } from "./gaussians/effect-gaussian.ts";
import { gaussian } from "./gaussians/gaussian.ts";
import { gaussianLatent } from "./gaussians/gaussian-latent.ts";
import { kdeLatent } from "./gaussians/kde-latent.ts";
import { pcaGaussian } from "./gaussians/pca-gaussian.ts";
import { swag } from "./gaussians/swag.ts";
import { interpolate } from "./interpolate.ts";
import { localAverage, matchedAverage, pairAverage } from "./matched-averages.ts";
import { relativeNoise } from "./relative-noise.ts";
import { swa } from "./swa.ts";

/** The baselines of this package; a new one is a file and a line here. */
export const baselines: readonly BaselinePart[] = [
  relativeNoise,
  absoluteNoise,
  interpolate,
  average,
  pairAverage,
  matchedAverage,
  localAverage,
  crossover,
  averageAll,
  swa,
  ema,
  gaussian,
  pcaGaussian,
  effectGaussian,
  swag,
  gaussianLatent,
  kdeLatent,
];

/** Names of generators that are no baselines, for suggestions. */
const MODELS = ["diffusion", "vae", "files"];

/**
 * Finds a baseline by its name: `gaussian`, `average:16`, or `average` for the default number.
 * @param parts the baselines to choose from; those of this package by default.
 * @throws UserError `E_CONFIG` for an unknown name or an impossible number.
 */
export function baseline(name: string, parts: readonly BaselinePart[] = baselines): Baseline {
  const colon = name.indexOf(":");
  const whole = parts.find(({ type }) => type === name);
  const [word, text] =
    whole !== undefined || colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
  const part = parts.find(({ type }) => type === word);
  if (part === undefined) {
    const hint = suggestion(word, [...MODELS, ...parts.map(({ type }) => type)]);
    throw new UserError("E_CONFIG", `unknown generator ${JSON.stringify(name)}.${hint}`);
  }
  const number = numberOf(part, name, text);
  const needs = part.needs(number);
  const full = number === undefined ? word : `${word}:${number}`;
  const { family, space = "parameters", single = false } = part;
  return {
    name: full,
    family,
    space,
    single,
    needs,
    async draw(originals, options) {
      if (originals.count < needs)
        throw new UserError(
          "E_RUN",
          `${full} needs at least ${needs} originals, got ${originals.count}; collect more (zoo.count)`,
        );
      return part.draw(number, originals, options);
    },
  };
}

/** The number of a name, from the text after its colon. */
function numberOf({ type, number }: BaselinePart, name: string, text: string | undefined): number | undefined {
  const refuse = (problem: string) =>
    new UserError("E_CONFIG", `generator ${JSON.stringify(name)}: ${problem}, got ${JSON.stringify(text)}`);
  if (number === undefined) {
    if (text === undefined) return undefined;
    throw refuse(`${type} takes no number`);
  }
  const written = text === undefined || /^[\d.]+(e[+-]?\d+)?$/.test(text);
  const value = text === undefined ? undefined : written ? Number(text) : Number.NaN;
  const found = number.safeParse(value);
  if (found.success) return found.data;
  const [impossible] = number.safeParse(-1).error?.issues ?? [];
  throw refuse(`expected ${impossible?.message ?? "another number"} after the colon`);
}
