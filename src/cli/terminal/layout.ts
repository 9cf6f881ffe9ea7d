/**
 * Lays texts out at the width of a terminal: prose, lists of facts and tables. A text that depends
 * on the width is a function of it, so that what prints it decides on the width.
 */
import { stripVTControlCharacters } from "node:util";
import wrapAnsi from "wrap-ansi";

import { at } from "../../lookup.ts";
import { printable } from "../format.ts";

/** A text of a given width in characters: `Infinity` where no line is wrapped. */
export type Text = string | ((columns: number) => string);

/** Narrower text than this beside labels is set below them. */
const NARROW = 34;

/** Prose is at least this wide, beside a prefix and in a column of a table; names are there. */
const PROSE = 24;
const NAMES = 14;

/** Spaces that belong to a number: between its thousands, and before its unit. */
const INSIDE_NUMBER = /(?<=\d) (?=\d{3}(?!\d)|%|(?:ms|s|min|h|d|B|kB|MB|GB|TB)(?![\w]))/g;

/** How many columns a text takes that is not wrapped. */
const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** A text with its lines wrapped; what has its own layout is laid out. */
export function layOut(text: Text, columns: number): string {
  if (typeof text === "function") return text(columns);
  return columns === Infinity
    ? text
    : text
        .split("\n")
        .map((line) => wrapLine(line, columns))
        .join("\n");
}

/** A line wrapped between words; the lines after the first one are indented as it is. */
function wrapLine(line: string, columns: number): string {
  const [indent = ""] = /^ */.exec(line) ?? [];
  return wrapWords(line, columns - indent.length)
    .map((part) => indent + part)
    .join("\n");
}

/** The lines of words, which are never broken: paths and commands stay whole. */
const wrapWords = (words: string, columns: number): string[] =>
  wrapAnsi(words.trim().replace(INSIDE_NUMBER, "\u00a0"), Math.max(1, columns)).replaceAll("\u00a0", " ").split("\n");

/** Texts with an empty line between them. */
export const blocks =
  (...texts: readonly Text[]): Text =>
  (columns) =>
    texts.map((text) => layOut(text, columns)).join("\n\n");

/** Texts one below the other. */
export const lines =
  (...texts: readonly Text[]): Text =>
  (columns) =>
    texts.map((text) => layOut(text, columns)).join("\n");

/** A text of lines, each two further to the right. */
export const indented =
  (text: Text): Text =>
  (columns) =>
    layOut(text, columns - 2).replace(/^(?=.)/gm, "  ");

/**
 * Prose after a prefix, such as a label; its further lines begin below its first word, or all of it
 * below the prefix where that leaves little room.
 */
export function hanging(prefix: string, prose: string): Text {
  return (columns) => {
    if (columns === Infinity) return prefix + prose;
    const width = widthOf(prefix);
    if (columns - width < PROSE && width + widthOf(prose) > columns)
      return `${prefix.trimEnd()}\n${wrapLine(`    ${prose}`, columns)}`;
    return prefix + wrapWords(prose, columns - width).join(`\n${" ".repeat(width)}`);
  };
}

/** Pairs as lines, with aligned values; where these have no room, each is below its label. */
export function list(pairs: readonly (readonly [label: string, value: string])[]): Text {
  const width = Math.max(...pairs.map(([label]) => label.length));
  const beside = pairs.map(([label, value]) => hanging(`${label.padEnd(width)}  `, value));
  return (columns) => {
    const isTooWide = pairs.some(([, value]) => width + 2 + widthOf(value) > columns);
    if (columns - width - 2 >= NARROW || !isTooWide) return beside.map((line) => layOut(line, columns)).join("\n");
    return pairs
      .map(([label, value]) => (label === "" ? "" : `${wrapLine(label, columns)}\n`) + wrapLine(`  ${value}`, columns))
      .join("\n");
  };
}

/** Whether a cell holds numbers (digits, signs, points, spaces, exponents) or a dash. */
const numeric = (cell: string): boolean => /^[-+−±–\d.%\s]*(\de[-+−]?\d+)?$/.test(cell);

const longest = (words: readonly string[]): number => Math.max(0, ...words.map((word) => word.length));

/** What a table may do without. */
export interface TableOptions {
  /** Titles of columns that may be left out on a narrow terminal, the first one first. */
  readonly optional?: readonly string[];
}

/**
 * Rows of cells as aligned lines, two spaces between columns; numbers are aligned to the right.
 * What is too wide gets titles of several lines, then a last or first column of several lines,
 * then loses its optional columns; at last each row becomes a list.
 * @param rows the first one is the header.
 */
export function table(rows: readonly (readonly string[])[], { optional = [] }: TableOptions = {}): Text {
  const cells = rows.map((row) => row.map((cell) => printable(cell)));
  const titles = cells[0] ?? [];
  return (columns) => {
    for (let left = 0; left <= optional.length; left++) {
      const out = new Set(optional.slice(0, left));
      const kept = cells.map((row) => row.filter((_, i) => !out.has(titles[i] ?? "")));
      const widths = columnWidths(kept, columns);
      if (widths !== undefined) return aligned(kept, widths);
    }
    return stacked(cells, columns);
  };
}

/** The widths of columns with which a table fits; undefined where none do. */
function columnWidths([titles = [], ...body]: readonly (readonly string[])[], columns: number): number[] | undefined {
  const widthsBy = (title: (words: string) => number) =>
    titles.map((words, i) => Math.max(title(words), longest(body.map((row) => row[i] ?? ""))));
  const room = columns - 2 * (titles.length - 1);
  const sum = (widths: readonly number[]) => widths.reduce((a, b) => a + b, 0);
  const whole = widthsBy((words) => words.length);
  if (sum(whole) <= room) return whole;
  const narrow = widthsBy((words) => longest(words.split(" ")));
  if (sum(narrow) <= room) return narrow;
  // A column of prose becomes as wide as the others leave room for: the last one, or the first.
  for (const [place, least] of [[titles.length - 1, PROSE] as const, [0, NAMES] as const]) {
    const left = room - sum(narrow.filter((_, i) => i !== place));
    const prose = body.map((row) => row[place] ?? "");
    const fits = left >= least && longest(prose.flatMap((cell) => cell.split(" "))) <= left;
    if (fits && !prose.every(numeric)) return narrow.with(place, left);
  }
  return undefined;
}

/** Rows as lines of columns. */
function aligned([titles = [], ...body]: readonly (readonly string[])[], widths: readonly number[]): string {
  const right = titles.map((_, i) => body.length > 0 && body.every((row) => numeric(row[i] ?? "")));
  const lineOf = (row: readonly string[]) =>
    widths
      .map((width, i) => (right[i] ? (row[i] ?? "").padStart(width) : (row[i] ?? "").padEnd(width)))
      .join("  ")
      .trimEnd();
  return [titles, ...body]
    .flatMap((row, r) => {
      const parts = widths.map((width, i) => {
        const cell = row[i] ?? "";
        return cell.length <= width ? [cell] : wrapWords(cell, width);
      });
      const height = Math.max(...parts.map((lines) => lines.length));
      // Titles of several lines stand on the first row.
      const lineAt = (lines: readonly string[], y: number) => lines[r === 0 ? y - height + lines.length : y] ?? "";
      return Array.from({ length: height }, (_, y) => lineOf(parts.map((lines) => lineAt(lines, y))));
    })
    .join("\n");
}

/** Each row as its first cell, and a list of the others that are not empty. */
function stacked([titles = [], ...body]: readonly (readonly string[])[], columns: number): string {
  return body
    .map((row) => {
      const pairs = titles.slice(1).flatMap((title, i) => (row[i + 1] ? [[title, row[i + 1] ?? ""] as const] : []));
      return `${at(row, 0)}\n${layOut(indented(list(pairs)), columns)}`;
    })
    .join("\n");
}
