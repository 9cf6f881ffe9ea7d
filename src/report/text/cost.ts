/** What networks cost, as a table and in words. */
import type { Cost } from "../../records/index.ts";
import { counted } from "./nouns.ts";
import { decimal, duration, whole } from "./number-format.ts";
import { sentences } from "./sentences.ts";

export interface CostText {
  readonly rows: readonly (readonly [label: string, value: string])[];
  /** Whether and when the generator is the cheaper way. */
  readonly words: string;
}

/** The cost of networks that are sampled, collected and trained. */
export function costText(cost: Cost): CostText {
  const { base, collect, fit, sample, perSample, perCheckpoint, perTraining, breakEven } = cost;
  return {
    rows: [
      ["one more sample", short(perSample)],
      ["one more checkpoint of the zoo", short(perCheckpoint)],
      ["one more independent training", short(perTraining)],
      ["training the network", duration(base)],
      ["collecting the zoo", duration(collect)],
      ["fitting the generator", duration(fit)],
      ["sampling", duration(sample)],
    ],
    words: sentences(breakEvenSentence(breakEven), ratioSentence(perTraining / perSample)),
  };
}

function breakEvenSentence(breakEven: number | null): string {
  if (breakEven === null || !Number.isFinite(breakEven))
    return "The generator never pays off: a sampled network costs at least as much as a trained one.";
  return `From ${counted(breakEven, "network")} on, training, collecting, fitting and sampling together cost less than as many independent trainings.`;
}

function ratioSentence(times: number): string {
  if (!Number.isFinite(times) || times <= 1) return "";
  return `A sample costs ${times >= 10 ? whole(times) : decimal(times, 1)} times less than a training; the verdict says whether it is as good.`;
}

/** A duration, below a second in milliseconds with two digits. */
function short(seconds: number): string {
  return Number.isFinite(seconds) && seconds < 1 ? `${Number((1000 * seconds).toPrecision(2))} ms` : duration(seconds);
}
