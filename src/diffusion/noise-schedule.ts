/** The forward process of DDPM (Ho, Jain and Abbeel, 2020): how much noise each step t = 0 … T − 1 adds. Float64. */

export interface NoiseScheduleOptions {
  /** T. */
  readonly steps: number;
  /** β of the first step. */
  readonly betaStart: number;
  /** β of the last step. */
  readonly betaEnd: number;
}

export interface NoiseSchedule {
  readonly steps: number;
  /** β_t, linear in t. */
  readonly beta: Float64Array;
  /** ᾱ_t = Π (1 − β_s) over s ≤ t: the share of the signal left in variance. */
  readonly alphaBar: Float64Array;
}

/** The linear schedule of the paper. */
export function noiseSchedule({ steps, betaStart, betaEnd }: NoiseScheduleOptions): NoiseSchedule {
  const beta = Float64Array.from({ length: steps }, (_, t) =>
    steps === 1 ? betaStart : betaStart + ((betaEnd - betaStart) * t) / (steps - 1),
  );
  const alphaBar = new Float64Array(steps);
  let product = 1;
  for (let t = 0; t < steps; t++) alphaBar[t] = product *= 1 - beta[t]!;
  return { steps, beta, alphaBar };
}
