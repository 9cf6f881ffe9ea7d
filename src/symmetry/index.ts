/** The room of the symmetry of hidden units: which there are, their matching, and the canonical form of networks. */

export {
  allBalanced,
  canonicalForms,
  fromAxes,
  type InputAxes,
  principalAxes,
  scaled,
  toUnitSpace,
  type UnitSpace,
  unitSpace,
} from "./canonical-form.ts";
export {
  balanced,
  deadUnits,
  type HiddenUnits,
  hiddenUnits,
  outgoing,
  ownRanges,
  parametersOf,
  reordered,
} from "./hidden-units.ts";
export { matchingOrders } from "./unit-matching.ts";
