/**
 * Finds what the house rules on language forbid in one file: words that have a usual term, and
 * lines of comments and documents that are too long to read.
 */
import { exceptions, prefixes, type Term, terms } from "./terms.ts";

/** Columns that a line of a comment or document may have. */
export const MAX_COLUMNS = 100;

export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** What is wrong and what to do. */
  readonly problem: string;
}

/** The findings in a file, by line. `path` is relative to the repository, with slashes. */
export function findingsIn(path: string, text: string): Finding[] {
  const long = longLines(path, text).map(({ line, columns }) => ({
    path,
    line,
    problem: `${columns} columns; break the line at ${MAX_COLUMNS}, or write it shorter`,
  }));
  const words = wordsIn(text)
    .filter(({ avoid }) => !isExcepted(path, avoid))
    .map(({ line, found, instead }) => ({ path, line, problem: `"${found}": write ${instead}` }));
  return [...long, ...words].sort((a, b) => a.line - b.line);
}

const isExcepted = (path: string, word: string): boolean =>
  exceptions.some(
    (e) => (e.path.endsWith("/") ? path.startsWith(e.path) : path === e.path) && (e.words?.includes(word) ?? true),
  );

const matchers = [...terms.map(matcherOf), ...prefixes.map(prefixMatcherOf)];

/** Matches a phrase as whole words: in prose, across the lines of a comment, and inside names. */
function matcherOf(term: Term): { readonly term: Term; readonly pattern: RegExp } {
  const gap = "(?:\\s|\\*|#|//)+";
  const [first = "", ...rest] = term.avoid.split(" ");
  const capitalised = first.charAt(0).toUpperCase() + first.slice(1);
  const phrase = (start: string): string => [start, ...rest].join(gap);
  const pattern = [
    `(?<![A-Za-z])${phrase(`(?:${first}|${capitalised})`)}(?![a-z])`,
    `(?<=[a-z])${phrase(capitalised)}(?![a-z])`,
    `(?<![A-Za-z])${phrase(first.toUpperCase())}(?![A-Za-z])`,
  ].join("|");
  return { term, pattern: new RegExp(pattern, "g") };
}

function prefixMatcherOf(term: Term): { readonly term: Term; readonly pattern: RegExp } {
  return { term, pattern: new RegExp(`(?<![A-Za-z_])${term.avoid}[A-Z_]+`, "g") };
}

interface FoundWord extends Term {
  readonly line: number;
  readonly found: string;
}

function wordsIn(text: string): FoundWord[] {
  return matchers.flatMap(({ term, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      ...term,
      line: text.slice(0, match.index).split("\n").length,
      found: match[0].replace(/(?:\s|\*|#|\/\/)+/g, " "),
    })),
  );
}

/** The lines of prose in a file that are too long. */
function longLines(path: string, text: string): { readonly line: number; readonly columns: number }[] {
  const isProse = proseOf(path);
  return text.split("\n").flatMap((content, i) => {
    const columns = [...withoutLinks(content)].length;
    // Asked of every line, since some keep track of where a comment or a block of code ends.
    return isProse(content) && columns > MAX_COLUMNS ? [{ line: i + 1, columns }] : [];
  });
}

/** A function that is given the lines of a file in order and says which are prose. */
function proseOf(path: string): (line: string) => boolean {
  if (path.endsWith(".md")) return markdownProse();
  if (path.endsWith(".ts")) return commentLines();
  return (line) => /^\s*#/.test(line);
}

/** Lines of a document that are neither of a table nor of a block of code. */
function markdownProse(): (line: string) => boolean {
  let inCode = false;
  return (line) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) inCode = !inCode;
    return !inCode && !isFence && !/^\s*\|/.test(line);
  };
}

/** Lines of TypeScript that hold nothing but a comment. */
function commentLines(): (line: string) => boolean {
  let inBlock = false;
  return (line) => {
    const opens = /^\s*\/\*/.test(line);
    const isComment = inBlock || opens || /^\s*\/\//.test(line);
    if (opens) inBlock = true;
    if (inBlock && line.includes("*/")) inBlock = false;
    return isComment && !/^\s*\/\/ biome-ignore /.test(line);
  };
}

/** A line without the targets of its links, which nobody can break. */
const withoutLinks = (line: string): string =>
  line.replace(/\]\([^)\s]*\)/g, "]()").replace(/https?:\/\/[^\s)>\]]+/g, "");
