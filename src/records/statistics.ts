/** Numbers that summarise a group of networks. */
import { z } from "zod";

import type { RecordOf } from "./frozen.ts";

/**
 * A number. JSON cannot hold NaN and infinities: they are written as null, and null is read as NaN.
 */
export const real = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

/** A value with its 95 % interval. */
export const interval = z.object({ value: real, low: real, high: real });
export type Interval = RecordOf<typeof interval>;

/** The 5th, 50th and 95th percentile of a group. */
export const quantiles = z.object({ low: real, median: real, high: real });
export type Quantiles = RecordOf<typeof quantiles>;

/** Summary of a group's scores. `sd` is divided by the size of the group. */
export const spread = z.object({ mean: real, best: real, median: real, sd: real });
export type Spread = RecordOf<typeof spread>;
