/** Names of a checkpoint that stand under the name of what holds the network, as in a Lightning module: `model.head.weight`. */
import type { LayoutEntry } from "./layout.ts";

/**
 * What stands before all wanted names in a file: nothing where one of them is there as it is, or where no prefix, or more than
 * one, has them all.
 * @param names of the file's tensors.
 * @param wanted names of the network's.
 * @returns a prefix that ends in a dot, or nothing.
 */
export function prefixOf(names: Iterable<string>, wanted: readonly string[]): string {
  const all = new Set(names);
  const [first] = wanted;
  if (first === undefined || wanted.some((name) => all.has(name))) return "";
  const prefixes = [...all].filter((name) => name.endsWith(`.${first}`)).map((name) => name.slice(0, -first.length));
  const found = prefixes.filter((prefix) => wanted.every((name) => all.has(prefix + name)));
  return found.length === 1 ? found[0]! : "";
}

/**
 * Finds what tensors of a layout are called in a file.
 * @param tensors of the file, by name.
 * @param namesOf what a tensor may be called, the likeliest name first; all names may stand after one prefix.
 * @returns the name of an entry, undefined where it is not there.
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
