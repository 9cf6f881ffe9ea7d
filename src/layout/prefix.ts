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

/** How the names of a network become those of a file: what is taken off, and what is put before. */
export interface Renaming {
  readonly strip: string;
  readonly add: string;
}

/** Names as they are. */
const AS_THEY_ARE: Renaming = { strip: "", add: "" };

/** A name of the network as it is in the file; unchanged where it lacks the prefix to take off. */
export const renamed = ({ strip, add }: Renaming, name: string): string =>
  name.startsWith(strip) ? add + name.slice(strip.length) : name;

/**
 * The renaming with which a file has all wanted names. The file may have a prefix that the network
 * lacks (`model.head.weight` for `head.weight`), or the network one that the file lacks, as an
 * exported module has that holds another. Names stay as they are where nothing fits.
 * @param names of the tensors in the file.
 * @param wanted names of the network's tensors, each of which must be there.
 * @param all names of the network: a prefix is taken off only where more of them are in the file
 *   without it.
 */
export function renamingOf(names: Iterable<string>, wanted: readonly string[], all = wanted): Renaming {
  const there = new Set(names);
  const [first = ""] = wanted;
  if (wanted.some((name) => there.has(name))) return AS_THEY_ARE;
  const add = prefixOf(there, wanted);
  if (add !== "") return { strip: "", add };
  const found = (renaming: Renaming) =>
    all.filter((name) => name.startsWith(renaming.strip) && there.has(renamed(renaming, name))).length;
  const asTheyAre = found(AS_THEY_ARE);
  for (let dot = first.indexOf("."); dot >= 0; dot = first.indexOf(".", dot + 1)) {
    const strip = first.slice(0, dot + 1);
    if (!wanted.every((name) => name.startsWith(strip))) break;
    const rest = wanted.map((name) => name.slice(strip.length));
    const renaming = { strip, add: prefixOf(there, rest) };
    if (rest.every((name) => there.has(renaming.add + name)) && found(renaming) > asTheyAre) return renaming;
  }
  return AS_THEY_ARE;
}

/**
 * Makes a function that finds the name of a layout's tensor in a file.
 * @param tensors of the file, by name.
 * @param namesOf the names that a tensor may have, the likeliest first; all names may have one
 *   common prefix, or lack one.
 * @param all names of the network, of which the layout may be a part.
 * @returns the name for an entry; undefined where it is not in the file.
 */
export function nameFinder(
  tensors: ReadonlyMap<string, unknown>,
  entries: readonly LayoutEntry[],
  namesOf: (entry: LayoutEntry) => readonly string[],
  all: readonly string[] = entries.map(({ name }) => name),
): (entry: LayoutEntry) => string | undefined {
  const renaming = renamingOf(
    tensors.keys(),
    entries.map(({ name }) => name),
    all,
  );
  return (entry) =>
    namesOf(entry)
      .map((name) => renamed(renaming, name))
      .find((name) => tensors.has(name));
}
