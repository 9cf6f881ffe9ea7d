/**
 * Accuracy on the straight way from networks to their nearest originals. Where hidden units are
 * known, both ends are in canonical form and the network's units are matched to the original's.
 */

import { join } from "node:path";
import { accuracyOnFirst, BETWEEN, type Mistakes, straightWayOf, type WayOfGroup } from "../../evaluation/index.ts";
import { at, given } from "../../lookup.ts";
import { concatenate, evenly, matrix, rowOf } from "../../numeric/index.ts";
import type { Family, StraightWay } from "../../records/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import {
  type CanonicalSpace,
  canonicalForms,
  matchUnits,
  reorder,
  scaleColumns,
  toCanonicalSpace,
} from "../../symmetry/index.ts";
import type { StageContext } from "../context.ts";
import { predict } from "../evaluate/predictions.ts";
import { drawnGroup, placesOf } from "./baselines.ts";

/** Test images, at most. */
export const IMAGES = 1000;
/** Numbers of all networks on the ways, at most: 512 MiB. */
const NUMBERS = 2 ** 27;

/** A group of networks at the start of their ways. */
export interface WayStart {
  readonly name: string;
  readonly family: Family;
  /** `[n, D]` */
  readonly vectors: Float32Array;
  /** Which original is nearest to each. */
  readonly index: ArrayLike<number>;
  /** Mistakes of the networks on the test split. */
  readonly test: Mistakes;
}

/** A way from a network of a group to an original. */
interface Way {
  readonly network: number;
  readonly original: number;
}

/**
 * Measures the ways of all groups; null where the recipe asks for fewer than three of each, or so
 * few fit into memory.
 * @param options `originals` `[K, D]`, with their mistakes on the test split.
 * @throws Interrupted when the signal aborts.
 */
export async function straightWays(
  context: StageContext,
  {
    groups,
    originals,
    space,
  }: {
    readonly groups: readonly WayStart[];
    readonly originals: { readonly vectors: Float32Array; readonly test: Mistakes };
    readonly space: CanonicalSpace | undefined;
  },
): Promise<StraightWay | null> {
  const { data, chosen } = await context.task();
  const most = Math.min(
    context.recipe.audit.straightWays,
    Math.floor(NUMBERS / chosen.size / BETWEEN.length / Math.max(1, groups.length)),
  );
  if (most < 3) return null;
  const ways = groups.map(({ index }): Way[] =>
    evenly(
      Array.from(index, (original, network) => ({ network, original })).filter(({ original }) => original >= 0),
      most,
    ),
  );
  const file = join(context.paths.baselines, "straight-way.safetensors");
  const between = await drawnGroup("straight way", file, chosen.size, async () => {
    const points = [];
    for (const [g, { vectors }] of groups.entries())
      points.push(...(await pointsOf(context, { vectors, originals: originals.vectors, ways: at(ways, g), space })));
    return concatenate(points);
  });
  const images = Math.min(IMAGES, data.test.count);
  const { way } = await predict(context, {
    data,
    splits: ["test"],
    dimension: chosen.size,
    name: "straight-way",
    drawn: true,
    groups: { way: placesOf(between) },
    images,
  });
  const predicted = given(given(way).test);
  const labels = data.test.labels;
  const accuracyAt = (row: number): number => {
    let right = 0;
    for (let i = 0; i < images; i++) if (predicted[row * images + i] === labels[i]) right++;
    return right / images;
  };
  let row = 0;
  const measured = groups.map(
    ({ name, family, test }, g): WayOfGroup => ({
      name,
      family,
      accuracies: at(ways, g).map(({ network, original }) => [
        accuracyOnFirst(test, network, images),
        ...BETWEEN.map(() => accuracyAt(row++)),
        accuracyOnFirst(originals.test, original, images),
      ]),
    }),
  );
  return straightWayOf(measured, images);
}

/** The networks between the ends of ways: for each way one at every place. */
async function pointsOf(
  { recipe, task, signal }: StageContext,
  {
    vectors,
    originals,
    ways,
    space,
  }: {
    readonly vectors: Float32Array;
    readonly originals: Float32Array;
    readonly ways: readonly Way[];
    readonly space: CanonicalSpace | undefined;
  },
): Promise<Float32Array[]> {
  const { size } = (await task()).chosen;
  const rows = (of: Float32Array, which: readonly number[]) =>
    matrix(concatenate(which.map((i) => of.subarray(i * size, (i + 1) * size))), size);
  let from = rows(
    vectors,
    ways.map(({ network }) => network),
  );
  let to = rows(
    originals,
    ways.map(({ original }) => original),
  );
  if (space !== undefined && ways.length > 0) {
    const device = nodeDevice(recipe.device);
    const byEffect = async (networks: typeof from) =>
      scaleColumns(await toCanonicalSpace(networks, space, device, signal), space.effects, signal);
    const [own, theirs] = [await byEffect(from), await byEffect(to)];
    const formed = await canonicalForms(from, space, device, signal);
    to = await canonicalForms(to, space, device, signal);
    for (let i = 0; i < ways.length; i++) {
      const orders = await matchUnits(rowOf(own, i), rowOf(theirs, i), space.units, signal);
      rowOf(formed, i).set(reorder(rowOf(formed, i), space.units, orders));
    }
    from = formed;
  }
  return ways.flatMap((_, i) => {
    const [a, b] = [rowOf(from, i), rowOf(to, i)];
    return BETWEEN.map((t) => a.map((x, j) => (1 - t) * x + t * b[j]!));
  });
}
