/** Worlds in which a network is a point and it is known what is near, new, or good. */
import { baseline } from "../../src/baselines/index.ts";
import {
  ACCURACY,
  type AuditStatistics,
  acceptanceThresholdOf,
  auditNetworks,
  classified,
} from "../../src/evaluation/audit/audit.ts";
import type { AuditInput } from "../../src/evaluation/audit/audit-input.ts";
import { distances } from "../../src/evaluation/distances.ts";
import { distanceMeter } from "../../src/evaluation/nearest-distance.ts";
import { accuracies, type Mistakes, mistakes } from "../../src/evaluation/similarity.ts";
import { layoutOf } from "../../src/layout/index.ts";
import { foldIn, key, normal, uniform } from "../../src/random/index.ts";
import { nodeDevice } from "../../src/runtime-node/index.ts";

export const device = nodeDevice({ name: "cpu", threads: 1 });

export const D = 24;
export const K = 80;
export const HELD_OUT = 30;
export const SAMPLES = 60;
const DRAWS = 30;
const IMAGES = { selection: 500, test: 600 };
const CLASSES = 10;
export const layout = layoutOf([
  { name: "a", shape: [D / 2] },
  { name: "b", shape: [D / 2] },
]);

/** A world: how far from good a vector is, and vectors made as its process makes them. */
export interface World {
  /** 0 is as good as can be. */
  badness(v: Float32Array): number;
  fresh(name: string, count: number): Float32Array;
}

export const rows = (values: Float32Array): Float32Array[] =>
  Array.from({ length: values.length / D }, (_, i) => values.subarray(i * D, (i + 1) * D));
export const flat = (vectors: readonly Float32Array[]): Float32Array =>
  Float32Array.from(vectors.flatMap((v) => [...v]));

/**
 * One basin: originals are scattered around its bottom, so whatever moves to the middle gets
 * better.
 */
export const basin: World = {
  badness: (v) => v.reduce((sum, x) => sum + x * x, 0) / D,
  fresh: (name, count) => normal(foldIn(key(1), name), count * D),
};

/**
 * A thin shell: good vectors lie at one distance from the middle and nowhere else, as independently
 * trained networks lie about an average that is none. What is drawn from a Gaussian misses it, and
 * so do averages.
 */
export const shell: World = {
  badness(v) {
    const plane = Math.hypot(v[0]!, v[1]!);
    const rest = v.subarray(2).reduce((sum, x) => sum + x * x, 0) / (D - 2);
    return Math.abs(plane - 8) / 2 + 40 * rest;
  },
  fresh(name, count) {
    const angles = uniform(foldIn(key(2), name, "angle"), count);
    const rest = normal(foldIn(key(2), name, "rest"), count * D);
    return flat(
      Array.from({ length: count }, (_, i) => {
        const v = rest.slice(i * D, (i + 1) * D).map((x) => x / 20);
        v[0] = 8 * Math.cos(2 * Math.PI * angles[i]!) + v[0]!;
        v[1] = 8 * Math.sin(2 * Math.PI * angles[i]!) + v[1]!;
        return v;
      }),
    );
  },
};

/**
 * The mistakes of networks: image i is wrong where its own threshold, shared by all, lies below
 * badness with some taste.
 */
function mistakesOn(world: World, vectors: Float32Array, split: keyof typeof IMAGES): Mistakes {
  const images = IMAGES[split];
  const thresholds = uniform(foldIn(key(3), split), images);
  const tastes = normal(foldIn(key(4), split), images * 4);
  const labels = new Uint8Array(images);
  const predictions = rows(vectors).flatMap((v) => {
    const error = Math.min(0.97, 0.08 + 0.03 * Math.max(0, world.badness(v)));
    return Array.from(thresholds, (threshold, i) => {
      const taste = tastes[4 * i]! * v[0]! + tastes[4 * i + 1]! * v[5]! + tastes[4 * i + 2]! * v[11]!;
      return threshold + 0.04 * taste < error || !Number.isFinite(error) ? 1 : 0;
    });
  });
  return mistakes(predictions, labels);
}

/** The predictions of networks on both splits, and their scores. */
const classifiedIn = (world: World, vectors: Float32Array) =>
  classified({ test: mistakesOn(world, vectors, "test"), selection: mistakesOn(world, vectors, "selection") });

const usualBaselines = [
  "noise:0.05",
  "noise:0.5",
  "noise:2",
  "interpolate",
  "average:2",
  "average:4",
  "average:16",
  "average:all",
];
const gaussians = ["gaussian", "pca-gaussian", "swag"];

/** The audit of some samples in a world. */
export async function audited(
  world: World,
  samples: Float32Array,
  more: Partial<AuditInput> = {},
): Promise<AuditStatistics> {
  const originals = world.fresh("originals", K);
  const heldOut = world.fresh("held out", HELD_OUT);
  const meter = await distanceMeter({ originals, layout, trajectory: false, device });
  const measured = async (vectors: Float32Array) => ({
    ...(await meter.measure(vectors)),
    ...classifiedIn(world, vectors),
  });
  const apartIn = async (vectors: Float32Array) => (await meter.nearestAmong(vectors, vectors)).distance;
  const nearestTo = async (vectors: Float32Array) => ({
    seen: await meter.nearestAmong(vectors, originals),
    unseen: await meter.nearestAmong(vectors, heldOut),
  });
  const held = { ...(await measured(heldOut)), apart: await apartIn(heldOut) };
  const baselines = [];
  const compared = [];
  for (const name of [...usualBaselines, ...gaussians]) {
    const { family, single, draw } = baseline(name);
    const vectors = await draw(
      { count: K, dimension: D, values: originals },
      { count: single ? 1 : DRAWS, key: foldIn(key(5), name), layout, device },
    );
    baselines.push({ name, family, ...(await measured(vectors)) });
    compared.push({ family, ...(await nearestTo(vectors)) });
  }
  const { samplesToMean, samplesApart } = await distances(originals, samples, D);
  return auditNetworks({
    metric: ACCURACY,
    originals: {
      ...meter.originals,
      ...classifiedIn(world, originals),
    },
    heldOut: held,
    samples: { ...(await measured(samples)), apart: await apartIn(samples) },
    separate: true,
    pool: { sizes: { seen: K, unseen: HELD_OUT }, samples: await nearestTo(samples), baselines: compared },
    baselines,
    acceptanceThreshold: acceptanceThresholdOf(accuracies(held.selection)),
    chance: 1 / CLASSES,
    byUnits: false,
    neighbours: meter.neighbours,
    originalsDiffer: true,
    toMean: samplesToMean,
    apart: samplesApart,
    key: key(6),
    ...more,
  });
}

/** Originals, each a little moved. */
export const copies = (world: World, noise: number): Float32Array => {
  const originals = rows(world.fresh("originals", K));
  const moves = normal(key(7), SAMPLES * D);
  return flat(
    Array.from({ length: SAMPLES }, (_, i) => originals[i % K]!.map((x, j) => x + noise * moves[i * D + j]!)),
  );
};

export const drawn = (world: World, name: string): Promise<Float32Array> =>
  baseline(name).draw(
    { count: K, dimension: D, values: world.fresh("originals", K) },
    { count: SAMPLES, key: key(8), layout, device },
  );
