/**
 * The canonical form of networks, in which networks differ neither by the scale nor by the order of
 * their hidden units. Every unit is balanced, the first layer lies along the principal axes of its
 * inputs, and the units are in the order that fits a reference network best, by how much each
 * coordinate counts for the outputs. A network computes the same in its canonical form; the change
 * of axes is undone exactly.
 */

import type { Tensor } from "../graph/index.ts";
import { at } from "../lookup.ts";
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
 */
export async function canonicalSpace(
  networks: MemoryMatrix,
  units: HiddenUnits,
  axes: InputAxes,
  device: Device,
): Promise<CanonicalSpace> {
  const seen = await balancedAlongAxes(networks, { units, axes }, device);
  return {
    units,
    axes,
    effects: coordinateEffects(seen, units, axes.variance),
    reference: rowOf(seen, 0).slice(),
  };
}

/** Networks `[n, D]` with their units balanced, along the axes. */
const balancedAlongAxes = (
  networks: MemoryMatrix,
  { units, axes }: Pick<CanonicalSpace, "units" | "axes">,
  device: Device,
): Promise<MemoryMatrix> => mapped(balanceAll(networks, units), (v) => toAxes(v, units, axes), device);

/**
 * Networks `[n, D]` in canonical form, their first layer along the axes. A network that is not
 * finite keeps its order.
 */
export async function toCanonicalSpace(
  networks: MemoryMatrix,
  space: CanonicalSpace,
  device: Device,
): Promise<MemoryMatrix> {
  const { units, effects, reference } = space;
  const result = await balancedAlongAxes(networks, space, device);
  const target = scaleColumns(matrix(reference, effects.length), effects).values;
  for (let i = 0; i < result.rows; i++) {
    const network = rowOf(result, i);
    if (!network.every(Number.isFinite)) continue;
    const weighted = scaleColumns(matrix(network, effects.length), effects).values;
    network.set(reorder(network, units, matchUnits(weighted, target, units)));
  }
  return result;
}

/** Networks `[n, D]` in canonical form, with their first layer as it takes images. */
export async function canonicalForms(
  networks: MemoryMatrix,
  space: CanonicalSpace,
  device: Device,
): Promise<MemoryMatrix> {
  const { units, axes } = space;
  return mapped(await toCanonicalSpace(networks, space, device), (v) => fromAxes(v, units, axes), device);
}

/** Rows `[n, D]` with every column times its factor, `[D]`. */
export function scaleColumns({ values, columns }: MemoryMatrix, factors: Float32Array): MemoryMatrix {
  return matrix(
    values.map((x, i) => x * at(factors, i % columns)),
    columns,
  );
}
