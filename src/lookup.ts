/** Items of a list or a map that are there by construction. Where one is missing, they throw. */

/**
 * Item `index` of a list that has it.
 * @throws RangeError where it has not.
 */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index} in a list of ${list.length}`);
  return item;
}

/**
 * The last item of a list that is not empty.
 * @throws RangeError where it is empty.
 */
export const last = <T>(list: ArrayLike<T>): T => at(list, list.length - 1);

/**
 * The value of a key that a map has.
 * @throws RangeError where it has not.
 */
export function get<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`no ${String(key)} in a map of ${map.size}`);
  return value;
}

/**
 * A value that is there by construction.
 * @throws RangeError where it is not.
 */
export function given<T>(value: T | null | undefined): T {
  if (value === undefined || value === null) throw new RangeError("a value is missing");
  return value;
}
