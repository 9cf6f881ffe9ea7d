/**
 * Distances between networks that ignore what does not change their outputs: the order of hidden
 * units, and the scale that a ReLU unit can move from its incoming to its outgoing weights.
 */

import { type MemoryMatrix, matrix } from "../numeric/index.ts";
import type { Device } from "../runtime/index.ts";
import {
  balanceAll,
  CANDIDATES,
  type CanonicalSpace,
  type NearestNetworks,
  nearestByAssignment,
  nearestByMatching,
  nearestUnits,
  scaleColumns,
  toCanonicalSpace,
  withoutClassShift,
} from "../symmetry/index.ts";
import { type DistanceMeter, type MeasuredDistances, type NearestOf, nearestRows } from "./nearest-distance.ts";

export interface UnitMeterOptions {
  /** `[K, D]` */
  readonly originals: MemoryMatrix;
  readonly space: CanonicalSpace;
  readonly device: Device;
  /** Stops this, and whatever the meter measures. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Prepares to measure distances to separately trained originals over all orders of hidden units,
 * with balanced units. `raw` distances are of the parameters as they are. `standardised` ones
 * weight each coordinate by its effect on the outputs, without the shift of all classes that
 * softmax cannot see: weights of inputs that never change neither hide a copy nor make one look
 * new. With one hidden layer the distances are exact up to float32 rounding. With several they
 * are the least that matching finds among the originals that are nearest in canonical form.
 * @throws Interrupted when the signal aborts.
 */
export async function unitMeter({ originals, space, device, signal }: UnitMeterOptions): Promise<DistanceMeter> {
  const { units, effects } = space;
  const viewsOf = async (networks: MemoryMatrix): Promise<Views> => {
    const seen = withoutClassShift(networks, units);
    const byEffect = await scaleColumns(await toCanonicalSpace(seen, space, device, signal), effects, signal);
    return {
      raw: await balanceAll(networks, units, signal),
      // Balanced again by effect: a weight on a pixel that is always black moves no scale.
      standardised: await balanceAll(byEffect, units, signal),
    };
  };
  const to = await viewsOf(originals);
  const candidatesFor = async (from: Views, among: Views): Promise<Int32Array[] | undefined> =>
    units.length === 2
      ? undefined
      : nearestRows({
          from: from.standardised.values,
          to: among.standardised.values,
          dimension: effects.length,
          device,
          count: CANDIDATES,
          signal,
        });
  const nearestIn = async (
    view: keyof Views,
    { from, among, same }: { from: Views; among: Views; same: boolean },
    candidates?: Int32Array[],
  ): Promise<NearestNetworks[]> => {
    const pairs = { from: from[view], to: among[view], units, same };
    const likely = candidates ?? (await candidatesFor(from, among));
    return likely === undefined ? nearestByAssignment(pairs, device, signal) : nearestByMatching(pairs, likely, signal);
  };
  const measure = async (from: Views, same: boolean): Promise<MeasuredDistances> => {
    const candidates = await candidatesFor(from, to);
    const nearest = (view: keyof Views) => nearestIn(view, { from, among: to, same }, candidates);
    const [raw, standardised] = [await nearest("raw"), await nearest("standardised")];
    return {
      raw: Float32Array.from(raw, ({ distance }) => distance),
      standardised: Float32Array.from(standardised, ({ distance }) => distance),
      isolation: Float32Array.from(standardised, isolationOf),
      index: Int32Array.from(standardised, ({ index }) => index),
    };
  };
  const nearestAmong: DistanceMeter["nearestAmong"] = async (vectors, others) => {
    const from = await viewsOf(matrix(vectors, effects.length));
    const among = vectors === others ? from : await viewsOf(matrix(others, effects.length));
    return nearestOf(await nearestIn("standardised", { from, among, same: vectors === others }));
  };
  const searchAmong: DistanceMeter["searchAmong"] = async (others) => {
    const among = await viewsOf(matrix(others, effects.length));
    return async (vectors) => {
      const from = await viewsOf(matrix(vectors, effects.length));
      return nearestOf(await nearestIn("standardised", { from, among, same: false }));
    };
  };
  return {
    neighbours: 0,
    nearestAmong,
    searchAmong,
    originals: await measure(to, true),
    nearestUnits: async (networks) => {
      const from = await viewsOf(matrix(networks, effects.length));
      return nearestUnits({ from: from.standardised, to: to.standardised, units }, device, signal);
    },
    measure: async (networks) => measure(await viewsOf(matrix(networks, effects.length)), false),
  };
}

/** Networks `[n, D]` in the two spaces in which distances are measured. */
interface Views {
  readonly raw: MemoryMatrix;
  readonly standardised: MemoryMatrix;
}

const nearestOf = (found: readonly NearestNetworks[]): NearestOf => ({
  distance: found.map(({ distance }) => distance),
  index: found.map(({ index }) => index),
});

const isolationOf = ({ distance, next }: NearestNetworks): number =>
  distance === 0 ? 0 : Number.isFinite(next) ? distance / next : 1;
