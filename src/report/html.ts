/** Text from outside made safe for HTML and XML. */

/**
 * Characters that XML forbids (all controls but tab and newline, lone surrogates, non-characters).
 */
const FORBIDDEN = /[\p{Cc}\p{Cs}\ufffe\uffff]/gu;

/** Text without the characters that no XML document may hold. */
export function clean(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(FORBIDDEN, (char) => (char === "\n" || char === "\t" ? char : "\ufffd"));
}

/** Text for use between tags or inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return clean(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/**
 * A sentence as HTML: escaped, its apostrophes curved, and the copying statistic with its index.
 * Records are also read in terminals, so their sentences are plain.
 */
export function prose(text: string): string {
  return escapeHtml(text.replace(/(?<=\p{L})'/gu, "’")).replaceAll("Z_U", "<i>Z</i><sub>U</sub>");
}

/** A text as an id or the name of a file: lower-case letters, digits and hyphens, perhaps none. */
export function slug(text: string): string {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join("-");
}

/** The first characters of a text, with an ellipsis where it was longer. */
export function shorten(text: string, length: number): string {
  const characters = [...clean(text)];
  return characters.length <= length
    ? characters.join("")
    : `${characters
        .slice(0, length - 1)
        .join("")
        .trimEnd()}…`;
}
