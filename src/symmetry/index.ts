/**
 * The room of the symmetry of hidden units: which units a network has, their scale, order and
 * matching, and the canonical form.
 */

export { balance, balanceAll, countDeadUnits } from "./balance.ts";
export {
  type CanonicalSpace,
  canonicalForms,
  canonicalSpace,
  scaleColumns,
  toCanonicalSpace,
} from "./canonical-form.ts";
export { withoutClassShift } from "./class-shift.ts";
export {
  type HiddenUnits,
  hiddenUnits,
  outgoingRanges,
  ownRanges,
  parametersOf,
  reorder,
} from "./hidden-units.ts";
export { fromAxes, type ImageView, type InputAxes, imageAxes, principalAxes } from "./input-axes.ts";
export { type NearestUnits, nearestUnits } from "./nearest-units.ts";
export {
  CANDIDATES,
  type NearestNetworks,
  type NetworkPairs,
  nearestByAssignment,
  nearestByMatching,
} from "./unit-distance.ts";
export { matchUnits } from "./unit-matching.ts";
