/** Text from outside made safe for Markdown, and for comments in Python that stand in it. */

/** Characters of a text, at most. */
const LONGEST = 200;

/** Characters that have a meaning somewhere in Markdown or in HTML. */
const MARKS = /[\\`*_{}[\]<>()#+!|~&$^=:"'-]/g;

/** On one line, without control characters. */
function onOneLine(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Text that shows as it is, wherever a text can stand. */
export function markdownText(text: string): string {
  return /^[\w ./%]*$/.test(text) && !/_/.test(text) ? text : onOneLine(text).replace(MARKS, "\\$&");
}

/** Backticks that are more than any within a text, and at least `least`. */
const fenceFor = (text: string, least: number): string =>
  "`".repeat(Math.max(least, 1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))));

/** A name as code within a line or a cell of a table. */
export function markdownCode(name: string): string {
  const shown = onOneLine(name).replaceAll("|", "\\|");
  const fence = fenceFor(shown, 1);
  const space = /^[` ]|[` ]$|^$/.test(shown) ? " " : "";
  return `${fence}${space}${shown}${space}${fence}`;
}

/** A block of code, which nothing within it can end. */
export function markdownBlock(language: string, text: string): string {
  const fence = fenceFor(text, 3);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A name as a text of Python, of ASCII characters on one line. */
export function pythonText(name: string): string {
  return JSON.stringify(name).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
