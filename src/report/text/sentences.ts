/** Joins sentences to a paragraph. */

/** The sentences that are there, with a space between them. */
export function sentences(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== "").join(" ");
}
