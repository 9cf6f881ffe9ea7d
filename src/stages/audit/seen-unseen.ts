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
  /** Distances of baselines to the nearest of all originals, by name, where they were measured. */
  readonly measured: AuditInput["baselines"];
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
  { own, held, baselines, measured, fresh, meter, further, read = (files) => readAll(context, files) }: PoolOptions,
): Promise<Pick<AuditInput, "pool">> {
  const others = [...held.vectors, ...(await read(await unseenFiles(context)))];
  if (others.length === 0) return {};
  const { originals, samples } = own.vectors;
  const most = SEEN_PER_UNSEEN * others.length;
  const isWhole = originals.length <= most;
  const chosen = isWhole
    ? Int32Array.from(originals.keys())
    : permutation(foldIn(context.key, "seen"), originals.length).subarray(0, most);
  const seen = concatenate(Array.from(chosen, (i) => at(originals, i)));
  const unseen = concatenate(others);
  const [nearestSeen, nearestUnseen] = [await meter.searchAmong(seen), await meter.searchAmong(unseen)];
  const nearestTo = async (vectors: Float32Array) => ({
    seen: await nearestSeen(vectors),
    unseen: await nearestUnseen(vectors),
  });
  const compared = [];
  for (const { name, family, vectors } of baselines) {
    // Where all originals are compared with, the nearest of them is known.
    const known = isWhole ? measured.find((group) => group.name === name) : undefined;
    const nearest =
      known?.index === undefined
        ? await nearestTo(await vectors())
        : {
            seen: { distance: known.standardised, index: known.index },
            unseen: await nearestUnseen(await vectors()),
          };
    compared.push({ family, ...nearest });
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
