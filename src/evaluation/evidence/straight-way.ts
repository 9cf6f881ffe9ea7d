/**
 * What lies between a network and its nearest original? Between two networks that were trained
 * separately accuracy falls on the straight way (the barrier of Frankle et al. 2020). Networks that
 * are averages or blurred originals lie on a slope instead, and get better towards an original.
 */
import { at } from "../../lookup.ts";
import { quantile } from "../../numeric/index.ts";
import type { Family, StraightWay } from "../../records/index.ts";
import { mean } from "../statistics.ts";

/** Places between the ends, as shares of the way from the network to the original. */
export const BETWEEN = [0.25, 0.5, 0.75] as const;

/** Accuracies of a group along the ways. */
export interface WayOfGroup {
  readonly name: string;
  readonly family: Family;
  /** Of each network: at the network, at `BETWEEN`, and at the original. */
  readonly accuracies: readonly (readonly number[])[];
}

/**
 * The table of the straight way.
 * @param images on which accuracies were measured.
 */
export function straightWayOf(groups: readonly WayOfGroup[], images: number): StraightWay {
  const places = [0, ...BETWEEN, 1];
  return {
    images,
    places,
    rows: groups.map(({ name, family, accuracies }) => {
      const changes = accuracies.map((along) => {
        const worse = Math.min(at(along, 0), at(along, places.length - 1));
        return Math.min(...along.slice(1, -1)) - worse;
      });
      const sorted = Float64Array.from(changes).sort();
      return {
        name,
        family,
        networks: accuracies.length,
        accuracy: places.map((_, i) => mean(accuracies.map((along) => at(along, i)))),
        low: quantile(sorted, 0.1),
        median: quantile(sorted, 0.5),
        high: quantile(sorted, 0.9),
      };
    }),
  };
}
