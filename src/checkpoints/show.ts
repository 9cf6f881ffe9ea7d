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
