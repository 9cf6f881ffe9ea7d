/** What a sampler is: the times that it visits on the way from noise to data, and its steps. */
import type { Part, PartOptions } from "../part.ts";
import type { NoiseSchedule, Process } from "../process.ts";

interface Visits {
  /** Its name in recipes. */
  readonly type: string;
  /** Number of steps; undefined for one at every time of the process. */
  readonly steps: number | undefined;
}

/**
 * Coefficients of a step: x̂_0 = (x_t − rest ε̂) / root, then
 * x_prev = signal x̂_0 + direction x_t + noise z with standard normal z.
 */
export interface StepCoefficients {
  readonly root: number;
  readonly rest: number;
  readonly signal: number;
  readonly direction: number;
  readonly noise: number;
}

/** A sampler that removes the noise which a denoiser predicts. */
export interface NoiseSampler extends Visits {
  readonly objective: "noise";
  /** Bound on |x̂_0| and on |x| after every step; null for none. */
  readonly clip: number | null;
  /** Whether steps add noise. */
  readonly addsNoise: boolean;
  /**
   * What the step from time `t` to `previous` computes, in float64.
   * @param previous undefined for the end, x_0.
   */
  coefficients(schedule: NoiseSchedule, t: number, previous: number | undefined): StepCoefficients;
}

/** A sampler that follows the velocity which a denoiser predicts. */
export interface VelocitySampler extends Visits {
  readonly objective: "flow";
  readonly steps: number;
  /**
   * Whether each step is corrected by the velocity where it ends, which asks the denoiser twice.
   */
  readonly corrects: boolean;
}

/** A sampler, which needs a denoiser of its objective. */
export type Sampler = NoiseSampler | VelocitySampler;

/** A sampler as it describes itself. */
export interface SamplerPart<Options = PartOptions> extends Part<Options> {
  /** What the denoiser must have learned. */
  readonly objective: Process["objective"];
  /** Builds the sampler. */
  build(options: Options): Sampler;
}

/** The times that a sampler leaves, from the noisiest; the last step ends in what is drawn. */
export function timesOf(sampler: Sampler, { steps }: Pick<Process, "steps">): number[] {
  if (sampler.objective === "flow")
    return Array.from({ length: sampler.steps }, (_, i) =>
      Math.round(((steps - 1) * (sampler.steps - i)) / sampler.steps),
    );
  const count = sampler.steps ?? steps;
  if (count === 1) return [steps - 1];
  return Array.from({ length: count }, (_, i) => Math.round(((count - 1 - i) * (steps - 1)) / (count - 1)));
}

/** How often a sampler asks the denoiser. */
export const callsOf = (sampler: Sampler, process: Pick<Process, "steps">): number =>
  timesOf(sampler, process).length * (sampler.objective === "flow" && sampler.corrects ? 2 : 1);
