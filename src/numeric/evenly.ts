import { at } from "../lookup.ts";
/** Evenly spaced places in a list, for when a list is too long to use whole. */

/**
 * At most `max` evenly spaced indices of a list, each the first of an equal stretch: 0 is among
 * them, the last is not. All indices where the list is no longer than `max`.
 */
export function evenIndices(length: number, max: number): number[] {
  const count = Math.min(length, max);
  return Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
}

/** At most `max` evenly spaced elements of a list, at the places of `evenIndices`. */
export const evenly = <T>(list: readonly T[], max: number): T[] =>
  evenIndices(list.length, max).map((i) => at(list, i));

/**
 * At most `max` (two or more) evenly spaced elements of a list, the first and the last among them:
 * what a figure needs to show the whole range. The list itself where it is no longer than `max`.
 */
export function evenlyWithEnds<T>(list: readonly T[], max: number): readonly T[] {
  if (list.length <= max) return list;
  return Array.from({ length: max }, (_, i) => at(list, Math.round((i * (list.length - 1)) / (max - 1))));
}
