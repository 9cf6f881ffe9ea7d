/** The room of the baselines: trivial generators that a diffusion model must beat. */
export { type Baseline, type BaselineFamily, baseline } from "./baseline.ts";
export type { DrawOptions, Vectors } from "./vectors.ts";
