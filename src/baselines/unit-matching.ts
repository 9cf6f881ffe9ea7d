/**
 * Originals whose hidden units are matched with one another before anything is drawn from them. The
 * canonical form orders the units of every network as those of one reference; networks that are to
 * be averaged fit each other better when they are matched directly, or with their own mean.
 */
import { yieldToEvents } from "../event-loop.ts";
import { type MemoryMatrix, matrix, squaredDistance } from "../numeric/index.ts";
import type { Device } from "../runtime/index.ts";
import { type CanonicalSpace, matchUnits, reorder, scaleColumns, toCanonicalSpace } from "../symmetry/index.ts";
import { meanOf, row, type UnitMatching, type Vectors, type WeighedNetworks } from "./vectors.ts";

/** Times that all originals are matched to their mean; mostly two or three settle it. */
const MAX_ROUNDS = 5;

/**
 * Prepares to match originals with one another. Nothing is computed before it is asked for, and
 * nothing twice.
 * @param originals in canonical form.
 */
export function unitMatching(
  originals: Vectors,
  space: CanonicalSpace,
  device: Device,
  signal?: AbortSignal,
): UnitMatching {
  const { units, effects } = space;
  const { count, dimension } = originals;
  const weighed = once(async (): Promise<WeighedNetworks> => {
    const along = await toCanonicalSpace(matrix(originals.values, dimension), space, device, signal);
    return { plain: originals, byEffect: vectorsOf(await scaleColumns(along, effects, signal)) };
  });
  const matchedTo = async (network: number, other: number) => {
    const { byEffect } = await weighed();
    const [own, target] = [row(byEffect, network), row(byEffect, other)];
    const orders = await matchUnits(own, target, units, signal);
    const fitted = reorder(own, units, orders);
    const distance = Math.sqrt(squaredDistance(fitted, target));
    return { plain: reorder(row(originals, network), units, orders), distance };
  };
  const matchedToMean = once(async () => {
    const { plain, byEffect } = await weighed();
    const [networks, weights] = [copyOf(plain), copyOf(byEffect)];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const mean = Float32Array.from(meanOf(weights));
      let changed = false;
      for (let k = 0; k < count; k++) {
        await yieldToEvents(signal);
        const [network, own] = [row(networks, k), row(weights, k)];
        const orders = await matchUnits(own, mean, units, signal);
        changed ||= orders.some((order) => order.some((from, u) => from !== u));
        network.set(reorder(network, units, orders));
        own.set(reorder(own, units, orders));
      }
      if (!changed) break;
    }
    return { plain: networks, byEffect: weights };
  });
  return { originals: weighed, matchedToMean, matchedTo };
}

/** A function whose result is computed once. */
function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}

const vectorsOf = (of: MemoryMatrix): Vectors => ({ count: of.rows, dimension: of.columns, values: of.values });
const copyOf = (vectors: Vectors): Vectors => ({ ...vectors, values: vectors.values.slice() });
