/** The comparison of a recipe in plain lines. */
import type { Comparison, Difference } from "./compare-folders.ts";

/** A recipe's comparison. */
export interface RecipeComparison extends Comparison {
  readonly recipe: string;
  readonly seconds: number;
  /** Commands that failed. */
  readonly failures: readonly string[];
}

/** Whether both versions ran, wrote the same, and wrote something. */
export const isSame = ({ failures, differences, files }: RecipeComparison): boolean =>
  failures.length === 0 && differences.length === 0 && files > 0;

/** The lines; `most` differences are listed. */
export function describeComparison(comparison: RecipeComparison, most: number): string {
  const { recipe, seconds, failures, files, sameBytes, figures, differences, textChanged } = comparison;
  return [
    `${recipe}: ${isSame(comparison) ? "same" : "DIFFERENT"} (${seconds.toFixed(0)} s)`,
    `  files compared    ${files}, ${sameBytes} with the same bytes`,
    `  figures compared  ${figures}`,
    `  differences       ${differences.length}`,
    ...list(differences, most),
    ...(textChanged.length === 0 ? [] : [`  text changed      ${textChanged.length}`, ...list(textChanged, 2)]),
    ...failures.map((failure) => `  FAILED: ${failure}`),
  ].join("\n");
}

function list(differences: readonly Difference[], most: number): string[] {
  const lines = differences.slice(0, most).map(({ where, old, new: renamed }) => {
    return `    ${where}: ${shorten(old)} -> ${shorten(renamed)}`;
  });
  const more = differences.length - lines.length;
  return more > 0 ? [...lines, `    and ${more} more`] : lines;
}

function shorten(text: string): string {
  const brief = text.replace(/ bytes ([0-9a-f]{12})[0-9a-f]{52}$/, " bytes $1…");
  return brief.length > 100 ? `${brief.slice(0, 99)}…` : brief;
}
