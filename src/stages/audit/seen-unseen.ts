/**
 * The nearest networks of samples and baselines among those that were learned from and those that
 * nothing saw, for the question whether samples hold on to what was learned from.
 */
import { throwIfAborted } from "../../errors.ts";
import type { AuditInput, DistanceMeter } from "../../evaluation/index.ts";
import { at } from "../../lookup.ts";
import { concatenate } from "../../numeric/index.ts";
import { foldIn, permutation } from "../../random/index.ts";
import type { StageContext } from "../context.ts";
import type { DrawnBaseline } from "./baselines.ts";

interface PoolOptions {
  readonly own: { readonly vectors: Readonly<Record<"originals" | "samples", readonly Float32Array[]>> };
  readonly held: { readonly vectors: readonly Float32Array[] };
  readonly baselines: readonly DrawnBaseline[];
  readonly meter: DistanceMeter;
}

/** The distance of each network `[n, D]` to the nearest other one. */
export const apartIn = async (meter: DistanceMeter, vectors: Float32Array): Promise<ArrayLike<number>> =>
  (await meter.nearestAmong(vectors, vectors)).distance;

/** Seen networks that are compared with, for each unseen one: more would only weigh more alike. */
const SEEN_PER_UNSEEN = 3;

/** The nearest networks of samples and baselines among originals and held-out networks. */
export async function poolOf(
  context: StageContext,
  { own, held, baselines, meter }: PoolOptions,
): Promise<Pick<AuditInput, "pool">> {
  if (held.vectors.length === 0) return {};
  const { originals, samples } = own.vectors;
  const chosen = permutation(foldIn(context.key, "seen"), originals.length).subarray(
    0,
    SEEN_PER_UNSEEN * held.vectors.length,
  );
  const seen = concatenate(Array.from(chosen, (i) => at(originals, i)));
  const unseen = concatenate(held.vectors);
  const nearestTo = async (vectors: Float32Array) => ({
    seen: await meter.nearestAmong(vectors, seen),
    unseen: await meter.nearestAmong(vectors, unseen),
  });
  const compared = [];
  for (const { family, vectors } of baselines) {
    compared.push({ family, ...(await nearestTo(await vectors())) });
    throwIfAborted(context.signal);
  }
  return {
    pool: {
      sizes: { seen: chosen.length, unseen: held.vectors.length },
      samples: await nearestTo(concatenate(samples)),
      baselines: compared,
    },
  };
}
