/** Labels inside a figure that do not lie on one another. */
import { CHARACTER } from "./legend.ts";

/** Height of a line of small text, pixels. */
const HEIGHT = 12;

export interface Label {
  readonly text: string;
  /** Pixels: where the text starts, and its middle. */
  readonly x: number;
  readonly y: number;
}

/** The labels that have room, the first first. */
export function roomy<T extends Label>(labels: readonly T[]): T[] {
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
