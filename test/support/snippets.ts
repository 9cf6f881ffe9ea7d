/** The blocks of code in a document. */

/** A block: commands of a shell, or a piece of a program. */
export interface Snippet {
  readonly language: "sh" | "ts";
  readonly text: string;
}

/** The `sh` and `ts` blocks of a Markdown document, in order. */
export const snippetsIn = (markdown: string): Snippet[] =>
  [...markdown.matchAll(/^```(sh|ts)\n([\s\S]*?)^```$/gm)].map(([, language, text = ""]) => ({
    language: language as Snippet["language"],
    text,
  }));

/**
 * Pieces of one program as one program: what is imported twice is imported once.
 * @param given what the reader is to write, such as a metric.
 */
export function programOf(pieces: readonly string[], given: string): string {
  const lines = pieces.join("\n").split("\n");
  const imports = new Set(lines.filter((line) => line.startsWith("import ")));
  return [...imports, given, ...lines.filter((line) => !line.startsWith("import "))].join("\n");
}
