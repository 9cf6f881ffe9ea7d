/** By how much samples score better than every kind of baseline at the same distance. */

import { at } from "../../lookup.ts";
import { quantile } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Excess } from "../../records/index.ts";
import type { Resamples } from "../bootstrap.ts";
import { finite } from "../statistics.ts";
import type { AuditedGroup, AuditInput, PlacedGroup } from "./audit-input.ts";
import { excessAtMatchedDistance, type Placed, TOLERANCE } from "./matched-distance.ts";

/** A kind of baseline that more samples lie beyond than this does not reach their distance. */
const REACH = 0.5;

/** What samples and baselines are compared on. */
interface ExcessScale {
  /** Turns scores so that greater is better, and back. */
  readonly utility: (score: number) => number;
  /** The score without learning, as a utility: what a sample that failed is worth. */
  readonly chance: number;
  /** Resamplings of the test images; undefined without predictions. */
  readonly images: Resamples | undefined;
}

/**
 * Excess over every kind of baseline that was scored. Those that reach the samples come first, the
 * least excess first. The originals themselves, at no distance, are a setting of every kind.
 * @throws Interrupted when the signal aborts.
 */
export async function excessOf(
  { originals, heldOut, samples, baselines, key, signal }: AuditInput,
  { utility, chance, images }: ExcessScale,
): Promise<Excess[]> {
  const copies = { name: "originals", ...placed(originals, new Float64Array(originals.scores.length), utility) };
  const settings = baselines.map((group) => ({
    name: group.name,
    family: group.family,
    ...placed(group, group.standardised, utility),
  }));
  const scored = settings.filter(({ values }) => values.length > 0);
  const distance = withinHeldOut(samples.standardised, heldOut?.standardised ?? []);
  const whole = { ...samples, scores: samples.scores.map((score) => score ?? utility(chance)) };
  const found: Excess[] = [];
  for (const family of new Set(scored.map((setting) => setting.family))) {
    const matched = await excessAtMatchedDistance({
      samples: placed(whole, distance, utility),
      settings: [copies, ...scored.filter((setting) => setting.family === family)].filter(
        ({ values }) => values.length > 0,
      ),
      images,
      key: foldIn(key, "excess", family),
      signal,
    });
    found.push({ family, ...matched, tolerance: TOLERANCE, reaches: matched.beyond <= REACH });
  }
  return found.sort((a, b) => Number(b.reaches) - Number(a.reaches) || a.excess.value - b.excess.value);
}

/** The scored networks of a group, at distances of all of its networks. */
function placed(
  { scores, test }: AuditedGroup,
  distance: ArrayLike<number>,
  utility: (score: number) => number,
): Placed {
  const rows = scores.flatMap((score, i) => (score === null ? [] : [{ value: utility(score), at: at(distance, i) }]));
  return { distance: rows.map(({ at }) => at), values: rows.map(({ value }) => value), ...(test && { test }) };
}

/**
 * The samples' distances, but as a group no farther than held-out networks lie, rank by rank.
 * Otherwise samples that left all baselines behind, and lost their scores, would be compared with
 * none.
 */
function withinHeldOut(samples: PlacedGroup["standardised"], heldOut: ArrayLike<number>): Float64Array {
  const compared = Float64Array.from(samples);
  const limits = Float64Array.from(finite(heldOut)).sort();
  if (limits.length === 0) return compared;
  const order = Array.from(compared.keys()).sort((i, j) => at(compared, i) - at(compared, j));
  order.forEach((i, rank) => {
    compared[i] = Math.min(at(compared, i), quantile(limits, (rank + 0.5) / order.length));
  });
  return compared;
}
