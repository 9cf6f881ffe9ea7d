/** The record of networks that were drawn beside those of a run. */
import { z } from "zod";

import type { RecordOf } from "./frozen.ts";
import { metric } from "./metric.ts";
import { schemaVersion } from "./version.ts";

const numberOrNull = z.number().nullable();

/** Which draw it is. */
const identity = z.strictObject({
  /** Checksums of the indexes of what was drawn from. */
  generator: z.string(),
  zoo: z.string(),
  seed: z.number(),
  /** Where the draw begins among the samples of its seed, from 0. */
  start: z.number(),
  /** How many networks are drawn. */
  count: z.number(),
  /** How many of them are kept, the best by validation; null for all. */
  selectBest: numberOrNull,
  sampler: z.unknown(),
  /** The guidance of the recipe; null without. */
  guidance: z.unknown(),
  /** What whole checkpoints are written like, where that is given; else null. */
  like: z.string().nullable(),
});
export type DrawIdentity = RecordOf<typeof identity>;

/** A network that is kept. */
const network = z.strictObject({
  /** Its file in the folder. */
  file: z.string(),
  /** Its place in the draw, from 1. */
  number: z.number(),
  score: numberOrNull,
});
/** A network that was drawn. */
export type DrawnNetwork = RecordOf<typeof network>;

/** `index.json` of a draw, and `draw.json` while it is under way. */
export const draw = z.strictObject({
  schemaVersion,
  draw: identity,
  /** What the best were chosen by; null where none were. */
  metric: metric.nullable(),
  /** The scores of all networks so far, in the order in which they were drawn; null for none. */
  scores: z.array(numberOrNull).nullable(),
  /** How many are drawn so far. */
  drawn: z.number(),
  /** Those that are kept, the best first; in the order of the draw where none were chosen. */
  networks: z.array(network),
});
/**
 * What a draw from a fitted generator records: its seed, its networks and their scores.
 * @category Results
 */
export type Draw = RecordOf<typeof draw>;
