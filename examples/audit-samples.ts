/** Audits networks that another generator made, by a function that scores a checkpoint. */
import { audit, type Measure } from "neural-network-diffusion";

/** Where the networks lie, and what one is worth. */
export interface Given {
  /** What the generator learned from, what it made, and what nothing learned from. */
  readonly originals: string;
  readonly samples: string;
  readonly heldOut: string;
  readonly measure: Measure;
  readonly run: string;
  readonly overrides?: readonly string[];
}

/** Says whether the samples are new, and how many of them repeat an original. */
export async function verdictOn(given: Given): Promise<string> {
  const { verdict, copying } = await audit({ ...given, better: "lower" }).result;
  const { count, samples } = copying.copies;
  return `${verdict.label}: ${count} of ${samples} repeat an original. ${verdict.rule}`;
}
