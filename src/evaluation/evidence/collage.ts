/**
 * Are networks put together from hidden units of originals? Each unit is compared with the units of
 * all originals, by its effect on the outputs. Held-out networks, which cannot be, are the measure.
 */
import { at } from "../../lookup.ts";
import { quantile } from "../../numeric/index.ts";
import type { Collage, Family } from "../../records/index.ts";
import type { NearestUnits } from "../../symmetry/index.ts";
import { mannWhitney } from "../data-copying.ts";
import { finite, mean } from "../statistics.ts";

/** The nearest units of originals to those of a group of networks. */
export interface CollagedGroup {
  readonly name: string;
  readonly family: Family;
  readonly nearest: NearestUnits;
}

/** Units nearer than this are counted, where held-out networks' units lie at 1. */
const HALF = 0.5;

/**
 * The table of a collage.
 * @param heldOut units of held-out networks, of at least one.
 * @param groups the rows, in order.
 */
export function collageOf(heldOut: NearestUnits, groups: readonly CollagedGroup[]): Collage {
  const fresh = finite(heldOut.distance);
  const unit = quantile(Float64Array.from(fresh).sort(), 0.5) || 1;
  return {
    units: heldOut.units,
    rows: groups.map(({ name, family, nearest }) => {
      const own = finite(nearest.distance);
      const sorted = Float64Array.from(own, (distance) => distance / unit).sort();
      return {
        name,
        family,
        networks: nearest.donor.length / nearest.units,
        low: quantile(sorted, 0.05),
        median: quantile(sorted, 0.5),
        high: quantile(sorted, 0.75),
        belowHalf: sorted.length === 0 ? Number.NaN : sorted.filter((d) => d < HALF).length / sorted.length,
        nearer: own.length === 0 ? Number.NaN : mannWhitney(fresh, own) / (fresh.length * own.length),
        donors: donorsOf(nearest),
      };
    }),
  };
}

/** Networks that the nearest units of one network are of, in the mean over networks. */
function donorsOf({ units, donor }: NearestUnits): number {
  const counts = Array.from(
    { length: donor.length / units },
    (_, i) => new Set(Array.from({ length: units }, (_, u) => at(donor, i * units + u)).filter((k) => k >= 0)).size,
  );
  return mean(counts);
}
