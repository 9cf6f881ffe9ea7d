/** What networks cost, as a table and in words. */
import type { AuditCost } from "../audit.ts";
import { counted, decimal, duration, whole } from "./number-format.ts";

export interface CostText {
  readonly rows: readonly (readonly [label: string, value: string])[];
  /** Whether and when the generator is the cheaper way, in a sentence. */
  readonly words: string;
}

/** The cost in words. */
export function costText(cost: AuditCost): CostText {
  const { base, collect, fit, sample, perSample, perCheckpoint, perTraining, breakEven } = cost;
  return {
    rows: [
      ["one more sample", small(perSample)],
      ["one more checkpoint of the zoo", small(perCheckpoint)],
      ["one more independent training", small(perTraining)],
      ["training the network", duration(base)],
      ["collecting the zoo", duration(collect)],
      ["fitting the generator", duration(fit)],
      ["sampling", duration(sample)],
    ],
    words: [words(breakEven), perSample < perTraining ? ratio(perTraining / perSample) : ""].join(" ").trim(),
  };
}

function words(breakEven: number | null): string {
  if (breakEven === null || !Number.isFinite(breakEven))
    return "The generator never pays: networks cost at least as much drawn as trained.";
  return `From ${counted(breakEven, "network")} on, training, collecting, fitting and sampling together cost less than as many independent trainings.`;
}

const ratio = (times: number): string =>
  Number.isFinite(times)
    ? `A sample costs ${times >= 10 ? whole(times) : decimal(times, 1)} times less than a training; whether it is worth as much, the verdict says.`
    : "";

/** Durations below a second in milliseconds. */
function small(seconds: number): string {
  return Number.isFinite(seconds) && seconds < 1 ? `${Number((1000 * seconds).toPrecision(2))} ms` : duration(seconds);
}
