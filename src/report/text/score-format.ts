/** Scores as text, by the unit of their metric: a fraction as a percentage, a number as it is. */
import type { Metric } from "../../records/index.ts";
import { shorten } from "../html.ts";
import type { Images } from "../input.ts";
import { counted } from "./nouns.ts";
import { decimal, decimals, percent, percentDigits, percents, significant } from "./number-format.ts";

/** What a score is multiplied by on axes and in tables: 100 for fractions, else 1. */
export function scoreScale({ unit }: Metric): number {
  switch (unit) {
    case "fraction":
      return 100;
    case "number":
      return 1;
    default:
      return unit satisfies never;
  }
}

/** Decimals of accuracies on the test images. */
export const accuracyDigits = (images: Images | null): number => percentDigits(images?.test ?? Number.NaN);

/** One score in a sentence: `97.31 %`, `0.412`. */
export function scoreText({ unit }: Metric, score: number, images: Images | null = null): string {
  return unit === "fraction" ? percent(score, accuracyDigits(images)) : significant(score);
}

/** Scores of a column of a table, without a sign of percent, with equally many decimals. */
export function scoreColumn({ unit }: Metric, scores: readonly number[], images: Images | null = null): string[] {
  return unit === "fraction" ? percents(scores, accuracyDigits(images)) : scores.map((score) => significant(score));
}

/** A difference of numbers, which is known less exactly than they are. */
const difference = (value: number): string => significant(value, 2);

/** Differences of scores in a column: points of a percentage, or numbers. */
export function differenceColumn({ unit }: Metric, differences: readonly number[]): string[] {
  if (unit === "number") return differences.map(difference);
  return decimals(differences.map((value) => (Number.isFinite(value) ? 100 * value : Number.NaN)));
}

/** A difference with its sign, in points where scores are percentages: `+0.32`. */
export function signedDifference({ unit }: Metric, value: number): string {
  if (unit === "fraction") return signed(100 * value);
  return `${value > 0 ? "+" : ""}${difference(value)}`;
}

/** A number with its sign and at least one digit that is not 0, where four decimals have one. */
export function signed(value: number): string {
  if (!Number.isFinite(value)) return decimal(value);
  const digits = [2, 3, 4].find((n) => value === 0 || Number(value.toFixed(n)) !== 0) ?? 4;
  return `${value > 0 ? "+" : ""}${decimal(value, digits)}`;
}

/** What differences of scores are counted in: `points`, or the metric's name. */
export function differenceUnit({ unit, name }: Metric): string {
  return unit === "fraction" ? "points" : name;
}

/** Characters of a metric's name that fit along an axis. */
const MAX_NAME = 40;

/** Label of an axis of scores: `accuracy on 10 000 test images, %`, or the name of the metric. */
export function scoreAxis({ unit, name }: Metric, images: Images | null): string {
  const label = shorten(name, MAX_NAME);
  if (unit === "number") return label;
  return images === null ? `${label}, %` : `${label} on ${counted(images.test, "test image")}, %`;
}

/** Label of an axis of differences: `excess accuracy, points`. */
export function excessAxis({ unit, name }: Metric): string {
  return `excess ${shorten(name, MAX_NAME)}${unit === "fraction" ? ", points" : ""}`;
}

/** Which scores are better: `higher is better`. */
export function direction({ higherIsBetter }: Metric): string {
  return `${higherIsBetter ? "higher" : "lower"} is better`;
}

/** A text with its first letter in upper case. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
