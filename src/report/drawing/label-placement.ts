/** Places labels inside a figure so that they do not overlap. */
import { CHARACTER } from "./legend.ts";

/** Height of a line of small text, pixels. */
const HEIGHT = 12;

export interface Label {
  readonly text: string;
  /** Where the text starts, pixels. */
  readonly x: number;
  /** The middle of the text, pixels. */
  readonly y: number;
}

/** The labels that do not overlap an earlier one. */
export function withoutOverlap<T extends Label>(labels: readonly T[]): T[] {
  const kept: T[] = [];
  for (const label of labels) {
    const free = kept.every(
      (other) =>
        Math.abs(label.y - other.y) >= HEIGHT ||
        label.x >= other.x + CHARACTER * other.text.length ||
        other.x >= label.x + CHARACTER * label.text.length,
    );
    if (free) kept.push(label);
  }
  return kept;
}
