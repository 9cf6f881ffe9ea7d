/** How a verdict puts scores and differences into words. */
import type { Interval, Metric } from "../../records/index.ts";
import type { VerdictFacts } from "./verdict-facts.ts";

/** Numbers nearer to 0 than this are rounding errors. */
const NOTHING = 1e-9;

/** A number with enough digits not to read 0 unless it is 0. */
export function digits(value: number, least: number): string {
  const exact = Math.abs(value) < NOTHING ? 0 : value;
  let n = least;
  while (exact !== 0 && Number(exact.toFixed(n)) === 0) n++;
  return exact.toFixed(n).replace("-", "−");
}
const points = (value: number): string => digits(100 * value, 2);
/** `0.31 points [0.12, 0.50] above`, or below. */
function relation({ value, low, high }: Interval): string {
  const [size, from, to, side] = value < 0 ? [-value, -high, -low, "below"] : [value, low, high, "above"];
  return `${points(size)} points [${points(from)}, ${points(to)}] ${side}`;
}
export const percent = (share: number): string => `${digits(100 * share, 1)} %`;
/** A probability: `p 0.004`, or `p < 0.001`. */
export const probability = (p: number): string => (p < 0.001 ? "p < 0.001" : `p ${p.toFixed(3)}`);
/** Two shares with enough digits to show that they differ. */
function percents(a: number, b: number): [string, string] {
  for (let n = 1; n < 6; n++) {
    const [x, y] = [digits(100 * a, n), digits(100 * b, n)];
    if (x !== y || a === b) return [`${x} %`, `${y} %`];
  }
  return [`${100 * a} %`, `${100 * b} %`];
}

/** How a verdict speaks about scores. */
export interface Phrases {
  /** Says that the median sample scores less than a working network. */
  broken(
    facts: Pick<VerdictFacts, "acceptanceThreshold" | "chance" | "medianSample"> & { readonly working: number },
  ): string;
  /** Says that the median sample misses the threshold, and that the level of chance is unknown. */
  unknownChance(facts: Pick<VerdictFacts, "acceptanceThreshold" | "medianSample">): string;
  /** The name of the score: `accuracy`. */
  readonly score: string;
  /** By how much samples score better or worse: `0.31 points [0.12, 0.50] above`. */
  relation(excess: Interval): string;
  /** By how much samples score worse: `4.80 points below`. */
  gap(value: number): string;
  /** Says that samples have the signature of averages. */
  readonly averaging: string;
}

/** Phrases for accuracies, which are fractions. */
export const accuracyPhrases: Phrases = {
  broken({ acceptanceThreshold, chance, medianSample, working }) {
    const [reached, needed] = percents(medianSample, working);
    return `The median sample is right on ${reached} of the selection images, below ${needed}: it has lost more than a quarter of what the acceptance threshold of ${percent(acceptanceThreshold)} has over guessing (${percent(chance)}).`;
  },
  unknownChance: ({ acceptanceThreshold, medianSample }) =>
    `The median sample is right on ${percent(medianSample)} of the selection images, short of the acceptance threshold of ${percent(acceptanceThreshold)}; the accuracy without learning is not known.`,
  score: "accuracy",
  relation,
  gap: (value) => (value > 0 ? `${points(value)} points below` : `${points(-value)} points above`),
  averaging:
    "Samples are more alike than originals, and more like originals than these are like one another, as averages are.",
};

/** A number with three significant digits, its sign a minus. */
const threeDigits = (value: number): string => String(Number(value.toPrecision(3))).replace("-", "−");

/** Phrases for the scores of a metric. */
export function phrasesOf(metric: Metric): Phrases {
  if (metric.unit === "fraction") return accuracyPhrases;
  const { name, higherIsBetter } = metric;
  const shown = (utility: number) => threeDigits(higherIsBetter ? utility : -utility);
  return {
    broken: ({ acceptanceThreshold, chance, medianSample, working }) =>
      `The median sample's ${name} is ${shown(medianSample)}, where at least ${shown(working)} is needed: it has lost more than a quarter of what the acceptance threshold of ${shown(acceptanceThreshold)} has over networks with shuffled parameters (${shown(chance)}).`,
    unknownChance: ({ acceptanceThreshold, medianSample }) =>
      `The median sample's ${name} is ${shown(medianSample)}, short of the acceptance threshold of ${shown(acceptanceThreshold)}; no network with shuffled parameters could be measured, so how much of what was learned is lost is not known.`,
    score: name,
    relation: ({ value, low, high }) => {
      const [size, from, to, side] =
        value < 0 ? [-value, -high, -low, "worse than"] : [value, low, high, "better than"];
      return `${threeDigits(size)} [${threeDigits(from)}, ${threeDigits(to)}] ${side}`;
    },
    gap: (value) => `${threeDigits(Math.abs(value))} of ${name} ${value > 0 ? "worse" : "better"} than`,
    averaging:
      "Samples lie nearer to the mean of the originals, and nearer to one another, than originals do, as averages would.",
  };
}
