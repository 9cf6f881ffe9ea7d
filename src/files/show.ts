/** Tensor names in messages: they come from files of strangers, so they are kept short and on one line. */

const MAX_SHOWN_LENGTH = 100;
const MAX_SHOWN_NAMES = 8;

/** A name as it may stand in a message: plain where it is, otherwise cut, quoted and with its control characters escaped. */
export function show(name: string): string {
  if (/^[\w./:*?!-]{1,100}$/.test(name)) return name;
  const cut = name.length > MAX_SHOWN_LENGTH ? `${name.slice(0, MAX_SHOWN_LENGTH)}…` : name;
  return JSON.stringify(cut).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** `a, b, c and 12 more`, each name as `describe` puts it. */
export function showAll(names: readonly string[], describe: (name: string) => string = show): string {
  const shown = names.slice(0, MAX_SHOWN_NAMES).map(describe).join(", ");
  return names.length > MAX_SHOWN_NAMES ? `${shown} and ${names.length - MAX_SHOWN_NAMES} more` : shown;
}

/** What keeps tensors from being those that are expected. */
export interface Faults {
  readonly missing?: readonly string[];
  readonly unexpected?: readonly string[];
  /** By name, how each differs from what is expected. */
  readonly different?: ReadonlyMap<string, string>;
  /** Hold values that are no finite numbers. */
  readonly notFinite?: readonly string[];
}

/** All faults in one line; empty where there are none. */
export function showFaults({ missing = [], unexpected = [], different = new Map(), notFinite = [] }: Faults): string {
  const faults: string[] = [];
  if (missing.length > 0) faults.push(`missing ${showAll(missing)}`);
  if (unexpected.length > 0) faults.push(`unexpected ${showAll(unexpected)}`);
  if (different.size > 0) faults.push(showAll([...different.keys()], (name) => different.get(name)!));
  if (notFinite.length > 0) faults.push(`not all finite in ${showAll(notFinite)}`);
  return faults.join("; ");
}
