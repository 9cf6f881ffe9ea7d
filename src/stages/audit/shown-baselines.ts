/** The few baselines that stand beside samples in tables of evidence. */
import type { DrawnBaseline } from "./baselines.ts";

/** Settings of a kind, the one to be shown first. */
export const AVERAGES = ["matched-average:16", "average:16", "interpolate"];
export const GAUSSIANS = ["effect-gaussian:35", "pca-gaussian:50", "gaussian"];
export const CROSSOVERS = ["crossover:16"];
export const NOISES = ["noise:0.2"];

const typeOf = (name: string): string => name.replace(/:.*/, "");

/**
 * Of each kind the first setting that was drawn, else the first baseline of the type of one, such
 * as `average:2`; none of a kind of which none was drawn.
 */
export function shownOf<Drawn extends Pick<DrawnBaseline, "name">>(
  baselines: readonly Drawn[],
  kinds: readonly (readonly string[])[],
): Drawn[] {
  return kinds.flatMap((names) => {
    const drawn = names.flatMap((wanted) => baselines.find(({ name }) => name === wanted) ?? []);
    const alike = names.flatMap((wanted) => baselines.find(({ name }) => typeOf(name) === typeOf(wanted)) ?? []);
    return [...drawn, ...alike].slice(0, 1);
  });
}
