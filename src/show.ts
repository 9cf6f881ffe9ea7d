/**
 * Tensor names in messages. They come from untrusted files, so they are kept short, on one line.
 */

const MAX_SHOWN_LENGTH = 100;
const MAX_SHOWN_NAMES = 8;

/**
 * A name for a message: as it is if it is plain, else cut, quoted and with control characters
 * escaped.
 */
export function show(name: string): string {
  if (/^[\w./:*?!-]{1,100}$/.test(name)) return name;
  return showWhole(name.length > MAX_SHOWN_LENGTH ? `${name.slice(0, MAX_SHOWN_LENGTH)}…` : name);
}

/** A text quoted, with control characters escaped, however long it is. */
export const showWhole = (text: string): string =>
  JSON.stringify(text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

/**
 * A list such as `a, b, c and 12 more`.
 * @param describe shows one name; `show` by default.
 */
export function showAll(names: readonly string[], describe: (name: string) => string = show): string {
  const shown = names.slice(0, MAX_SHOWN_NAMES).map(describe).join(", ");
  return names.length > MAX_SHOWN_NAMES ? `${shown} and ${names.length - MAX_SHOWN_NAMES} more` : shown;
}

/** How tensors differ from the expected ones. */
export interface Faults {
  /** Names of expected tensors that are absent. */
  readonly missing?: readonly string[];
  /** Names of tensors that are not expected. */
  readonly unexpected?: readonly string[];
  /** Descriptions of the differences in shape or type, by name. */
  readonly different?: ReadonlyMap<string, string>;
  /** Names of tensors with values that are not finite. */
  readonly notFinite?: readonly string[];
}

/** All faults in one line; empty when there are none. */
export function showFaults({ missing = [], unexpected = [], different = new Map(), notFinite = [] }: Faults): string {
  const faults: string[] = [];
  if (missing.length > 0) faults.push(`missing ${showAll(missing)}`);
  if (unexpected.length > 0) faults.push(`unexpected ${showAll(unexpected)}`);
  if (different.size > 0) faults.push(showAll([...different.keys()], (name) => different.get(name) ?? name));
  if (notFinite.length > 0) faults.push(`not all finite in ${showAll(notFinite)}`);
  return faults.join("; ");
}
