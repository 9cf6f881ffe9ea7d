/**
 * Baselines: ways to make networks from networks without a diffusion model, which a generator must
 * beat.
 * @example
 * // A baseline of your own, to pass as audit({ run, baselines: [median] }).
 * const median: BaselinePart = {
 *   type: "median",
 *   description: "the median of all originals, parameter by parameter",
 *   family: "average",
 *   single: true,
 *   needs: () => 1,
 *   draw: (_, originals, { count }) => repeated(medianOf(originals), count),
 * };
 * @module
 */
export type { Baseline, BaselineFamily, BaselinePart, BaselineSpace } from "./baseline.ts";
export { baseline, baselines } from "./baselines.ts";
export { unitMatching } from "./unit-matching.ts";
export {
  type DrawOptions,
  meanOf,
  repeated,
  row,
  type UnitMatching,
  type Vectors,
  varianceOf,
  type WeighedNetworks,
} from "./vectors.ts";
