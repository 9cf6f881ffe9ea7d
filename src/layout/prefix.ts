/**
 * Finds a common prefix of tensor names, such as `model.` in `model.head.weight`, which Lightning
 * puts before the names of the network that a module holds.
 */
import { at } from "../lookup.ts";
import type { LayoutEntry } from "./layout.ts";

/**
 * The prefix that all wanted names have in a file. It is empty if one of them is there without a
 * prefix, if no prefix has them all, or if more than one has.
 * @param names of the tensors in the file.
 * @param wanted names of the network's tensors.
 * @returns a prefix that ends in a dot, or an empty string.
 */
export function prefixOf(names: Iterable<string>, wanted: readonly string[]): string {
  const all = new Set(names);
  const [first] = wanted;
  if (first === undefined || wanted.some((name) => all.has(name))) return "";
  const prefixes = [...all].filter((name) => name.endsWith(`.${first}`)).map((name) => name.slice(0, -first.length));
  const found = prefixes.filter((prefix) => wanted.every((name) => all.has(prefix + name)));
  return found.length === 1 ? at(found, 0) : "";
}

/**
 * Makes a function that finds the name of a layout's tensor in a file.
 * @param tensors of the file, by name.
 * @param namesOf the names that a tensor may have, the likeliest first; all names may have one
 *   common prefix.
 * @returns the name for an entry; undefined where it is not in the file.
 */
export function nameFinder(
  tensors: ReadonlyMap<string, unknown>,
  entries: readonly LayoutEntry[],
  namesOf: (entry: LayoutEntry) => readonly string[],
): (entry: LayoutEntry) => string | undefined {
  const prefix = prefixOf(
    tensors.keys(),
    entries.map(({ name }) => name),
  );
  return (entry) =>
    namesOf(entry)
      .map((name) => prefix + name)
      .find((name) => tensors.has(name));
}
