/**
 * The nearest networks of samples and baselines among those that were learned from and those that
 * nothing saw, for the question whether samples hold on to what was learned from.
 */
import { throwIfAborted } from "../../errors.ts";
import type { AuditInput, DistanceMeter } from "../../evaluation/index.ts";
import { mapFiles } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { concatenate } from "../../numeric/index.ts";
import { foldIn, permutation } from "../../random/index.ts";
import { readCheckpoint, verifiedCheckpoints } from "../../run/index.ts";
import { generatedTensors, type RunContext } from "../context.ts";
import { hasUnseen } from "../held-out.ts";
import type { DrawnBaseline } from "./baselines.ts";

interface PoolOptions {
  readonly own: { readonly vectors: Readonly<Record<"originals" | "samples", readonly Float32Array[]>> };
  readonly held: { readonly vectors: readonly Float32Array[] };
  readonly baselines: readonly DrawnBaseline[];
  /** Networks that were trained afresh, `[n, D]`; undefined where there are none. */
  readonly fresh?: Float32Array | undefined;
  readonly meter: DistanceMeter;
  /** Further samples `[n, D]`, which nothing scores; none where none were drawn. */
  readonly further?: Float32Array | undefined;
  /** Reads the vectors of files, as those of `own`; whole ones by default. */
  readonly read?: (files: readonly string[]) => Promise<readonly Float32Array[]>;
}

/** The distance of each network `[n, D]` to the nearest other one. */
export const apartIn = async (meter: DistanceMeter, vectors: Float32Array): Promise<ArrayLike<number>> =>
  (await meter.nearestAmong(vectors, vectors)).distance;

/** Seen networks that are compared with, for each unseen one: more would only weigh more alike. */
const SEEN_PER_UNSEEN = 3;

/**
 * The nearest networks of samples and baselines among originals and those that nothing saw:
 * held-out and unseen ones.
 */
export async function poolOf(
  context: RunContext,
  { own, held, baselines, fresh, meter, further, read = (files) => readAll(context, files) }: PoolOptions,
): Promise<Pick<AuditInput, "pool">> {
  const others = [...held.vectors, ...(await read(await unseenFiles(context)))];
  if (others.length === 0) return {};
  const { originals, samples } = own.vectors;
  const chosen = permutation(foldIn(context.key, "seen"), originals.length).subarray(
    0,
    SEEN_PER_UNSEEN * others.length,
  );
  const seen = concatenate(Array.from(chosen, (i) => at(originals, i)));
  const unseen = concatenate(others);
  const search = await meter.searchAmong([seen, unseen]);
  const nearestTo = async (vectors: Float32Array) => {
    const found = await search(vectors);
    return { seen: at(found, 0), unseen: at(found, 1) };
  };
  const compared = [];
  for (const { family, vectors } of baselines) {
    compared.push({ family, ...(await nearestTo(await vectors())) });
    throwIfAborted(context.signal);
  }
  return {
    pool: {
      sizes: { seen: chosen.length, unseen: others.length },
      samples: await nearestTo(concatenate(further === undefined ? samples : [...samples, further])),
      ...(fresh && { fresh: await nearestTo(fresh) }),
      baselines: compared,
    },
  };
}

/** The files of the unseen networks; none where there are none. */
export async function unseenFiles({ recipe, paths: p, signal }: RunContext): Promise<string[]> {
  if (!hasUnseen(recipe)) return [];
  return verifiedCheckpoints(p.unseen, `collect again: pdiff collect ${p.folder} --force`, signal);
}

/** The generated tensors of files. */
async function readAll(context: RunContext, files: readonly string[]): Promise<Float32Array[]> {
  const chosen = await generatedTensors(context);
  return mapFiles(files, (file) => readCheckpoint(file, chosen), context.signal);
}
