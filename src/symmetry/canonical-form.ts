/**
 * The canonical form of networks, in which networks differ neither by the scale nor by the order of
 * their hidden units. Every unit is balanced, the first layer lies along the principal axes of its
 * inputs, and the units are in the order that fits a reference network best, by how much each
 * coordinate counts for the outputs. A network computes the same in its canonical form; the change
 * of axes is undone exactly.
 */

import { yieldToEvents } from "../event-loop.ts";
import type { Tensor } from "../graph/index.ts";
import { type MemoryMatrix, matrix, rowOf } from "../numeric/index.ts";
import { batched, type Device } from "../runtime/index.ts";
import { balanceAll } from "./balance.ts";
import { type HiddenUnits, reorder } from "./hidden-units.ts";
import { fromAxes, type InputAxes, toAxes } from "./input-axes.ts";
import { coordinateEffects } from "./unit-effects.ts";
import { matchUnits } from "./unit-matching.ts";

/** Networks computed at a time. */
const BATCH = 100;

/** Networks `[n, D]` after a graph of networks. */
async function mapped(
  networks: MemoryMatrix,
  graph: (networks: Tensor) => Tensor,
  device: Device,
): Promise<MemoryMatrix> {
  const d = networks.columns;
  const program = batched(graph, { from: d, to: d, batch: Math.min(BATCH, networks.rows), device });
  try {
    return matrix(await program.run(networks.values), d);
  } finally {
    await program.release();
  }
}

/** All that the canonical form of a zoo's networks depends on. */
export interface CanonicalSpace {
  readonly units: HiddenUnits;
  readonly axes: InputAxes;
  /** How much each coordinate counts for the outputs, `[D]`. */
  readonly effects: Float32Array;
  /** The network that gives units their order, balanced and along the axes, `[D]`. */
  readonly reference: Float32Array;
}

/**
 * Finds the canonical space of a zoo.
 * @param networks of the zoo, `[K, D]`; the first gives units their order.
 * @throws Interrupted when the signal aborts.
 */
export async function canonicalSpace(
  networks: MemoryMatrix,
  units: HiddenUnits,
  axes: InputAxes,
  device: Device,
  signal?: AbortSignal,
): Promise<CanonicalSpace> {
  const seen = await balancedAlongAxes(networks, { units, axes }, device, signal);
  return {
    units,
    axes,
    effects: await coordinateEffects(seen, units, axes.variance, signal),
    reference: rowOf(seen, 0).slice(),
  };
}

/** Networks `[n, D]` with their units balanced, along the axes. */
const balancedAlongAxes = async (
  networks: MemoryMatrix,
  { units, axes }: Pick<CanonicalSpace, "units" | "axes">,
  device: Device,
  signal: AbortSignal | undefined,
): Promise<MemoryMatrix> => mapped(await balanceAll(networks, units, signal), (v) => toAxes(v, units, axes), device);

/**
 * Networks `[n, D]` in canonical form, their first layer along the axes. A network that is not
 * finite keeps its order.
 * @throws Interrupted when the signal aborts.
 */
export async function toCanonicalSpace(
  networks: MemoryMatrix,
  space: CanonicalSpace,
  device: Device,
  signal?: AbortSignal,
): Promise<MemoryMatrix> {
  const { units, effects, reference } = space;
  const result = await balancedAlongAxes(networks, space, device, signal);
  const target = (await scaleColumns(matrix(reference, effects.length), effects)).values;
  for (let i = 0; i < result.rows; i++) {
    const network = rowOf(result, i);
    if (!network.every(Number.isFinite)) continue;
    const weighted = (await scaleColumns(matrix(network, effects.length), effects)).values;
    network.set(reorder(network, units, await matchUnits(weighted, target, units, signal)));
  }
  return result;
}

/**
 * Networks `[n, D]` in canonical form, with their first layer as it takes images.
 * @throws Interrupted when the signal aborts.
 */
export async function canonicalForms(
  networks: MemoryMatrix,
  space: CanonicalSpace,
  device: Device,
  signal?: AbortSignal,
): Promise<MemoryMatrix> {
  const { units, axes } = space;
  return mapped(await toCanonicalSpace(networks, space, device, signal), (v) => fromAxes(v, units, axes), device);
}

/**
 * Rows `[n, D]` with every column times its factor, `[D]`.
 * @throws Interrupted when the signal aborts.
 */
export async function scaleColumns(
  { values, rows, columns }: MemoryMatrix,
  factors: Float32Array,
  signal?: AbortSignal,
): Promise<MemoryMatrix> {
  const scaled = new Float32Array(values.length);
  for (let k = 0; k < rows; k++) {
    await yieldToEvents(signal);
    for (let i = 0, place = k * columns; i < columns; i++, place++) scaled[place] = values[place]! * factors[i]!;
  }
  return matrix(scaled, columns);
}
