/**
 * The scale of hidden units. A ReLU network computes the same when what goes into a unit is
 * multiplied by a positive factor and what goes out of it is divided by it; balancing chooses the
 * factor that makes both sides equally long.
 */
import { yieldToEvents } from "../event-loop.ts";
import { type MemoryMatrix, matrix, rowOf } from "../numeric/index.ts";
import { type HiddenUnits, type LayerPlace, outgoingRanges, type Range, scaledRanges } from "./hidden-units.ts";

/**
 * Sweeps over the layers end when no scale moves by more than a few roundings; one hidden layer
 * needs one sweep.
 */
const MAX_SWEEPS = 500;
const SETTLED = 1e-6;

/**
 * A network whose hidden units are balanced: the weights and the bias into a unit, or the numbers
 * of its normalisation, are as long as the weights out of it. Between two hidden layers the scales
 * of both meet in the same weights, so they are found in turns. A unit that is all zeros on one
 * side stays as it is.
 * @throws Interrupted when the signal aborts.
 */
export async function balance(network: Float32Array, units: HiddenUnits, signal?: AbortSignal): Promise<Float32Array> {
  const result = network.slice();
  for (let sweep = 0, moved = Number.POSITIVE_INFINITY; sweep < MAX_SWEEPS && moved > SETTLED; sweep++) {
    await yieldToEvents(signal);
    moved = 0;
    eachUnit(units, (layer, next, u) => {
      moved = Math.max(moved, balanceUnit(result, layer, next, u));
    });
    if (units.length === 2) break;
  }
  return result;
}

/**
 * Networks `[n, D]`, each with its hidden units balanced.
 * @throws Interrupted when the signal aborts.
 */
export async function balanceAll(
  networks: MemoryMatrix,
  units: HiddenUnits,
  signal?: AbortSignal,
): Promise<MemoryMatrix> {
  const out = new Float32Array(networks.values.length);
  for (let i = 0; i < networks.rows; i++)
    out.set(await balance(rowOf(networks, i), units, signal), i * networks.columns);
  return matrix(out, networks.columns);
}

/**
 * How many hidden units of networks `[n, D]` have no weights into them, or none out of them.
 * @throws Interrupted when the signal aborts.
 */
export async function countDeadUnits(
  networks: MemoryMatrix,
  units: HiddenUnits,
  signal?: AbortSignal,
): Promise<number> {
  let dead = 0;
  for (let i = 0; i < networks.rows; i++) {
    await yieldToEvents(signal);
    eachUnit(units, (layer, next, u) => {
      const { before, after } = squaredLengths(rowOf(networks, i), layer, next, u);
      if (before === 0 || after === 0) dead++;
    });
  }
  return dead;
}

/** Visits every hidden unit with its layer and the layer after it. */
function eachUnit(units: HiddenUnits, visit: (layer: LayerPlace, next: LayerPlace, u: number) => void): void {
  units.slice(1).forEach((next, l) => {
    const layer = units[l];
    for (let u = 0; layer !== undefined && u < layer.outputs; u++) visit(layer, next, u);
  });
}

/**
 * Squared lengths of what a unit's scale multiplies before its activation, and of what goes out of
 * it.
 */
function squaredLengths(network: Float32Array, layer: LayerPlace, next: LayerPlace, u: number) {
  const squares = (ranges: readonly Range[]) => {
    let sum = 0;
    for (const [start, end] of ranges) for (let i = start; i < end; i++) sum += network[i]! ** 2;
    return sum;
  };
  return { before: squares(scaledRanges(layer, u)), after: squares(outgoingRanges(next, u)) };
}

/** Balances one unit in place. Returns by how much its scale changed: |ln scale|. */
function balanceUnit(network: Float32Array, layer: LayerPlace, next: LayerPlace, u: number): number {
  const { before, after } = squaredLengths(network, layer, next, u);
  if (before === 0 || after === 0) return 0;
  const scale = (after / before) ** 0.25;
  for (const [start, end] of scaledRanges(layer, u)) for (let i = start; i < end; i++) network[i]! *= scale;
  for (const [start, end] of outgoingRanges(next, u)) for (let i = start; i < end; i++) network[i]! /= scale;
  return Math.abs(Math.log(scale));
}
