/**
 * Weight matching (Ainsworth, Hayase and Srinivasa, "Git Re-Basin", 2023, algorithm 1): finds the
 * order of one network's hidden units in which they fit those of another network best.
 */
import { yieldToEvents } from "../event-loop.ts";
import { at } from "../lookup.ts";
import { assignment } from "../numeric/index.ts";
import { type HiddenUnits, reorder, unitCoordinates } from "./hidden-units.ts";

/** Rounds over the layers; a handful is enough. */
const MAX_ROUNDS = 100;

/**
 * The orders of a network's hidden units, for each hidden layer, that bring it nearest to a
 * reference. With one hidden layer they are the best there are; with several, the best that
 * changing one layer at a time finds.
 * @param network `[D]`.
 * @param reference `[D]`.
 * @throws Interrupted when the signal aborts.
 */
export async function matchUnits(
  network: Float32Array,
  reference: Float32Array,
  units: HiddenUnits,
  signal?: AbortSignal,
): Promise<Int32Array[]> {
  const orders: Int32Array[] = units
    .slice(0, -1)
    .map(({ outputs }) => Int32Array.from({ length: outputs }, (_, u) => u));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let changed = false;
    for (let l = 0; l < orders.length; l++) {
      // The other layers are in their new order, so that each weight is compared with its
      // counterpart.
      const others = () => orders.map((order, k) => (k === l ? Int32Array.from(order.keys()) : order));
      const ordered = orders.length === 1 ? network : reorder(network, units, others());
      const order = await layerOrder({ network: ordered, reference, units, l }, signal);
      changed ||= order.some((from, u) => from !== at(orders, l)[u]);
      orders[l] = order;
    }
    if (!changed || orders.length === 1) break;
  }
  return orders;
}

/** A layer whose units are to fit those of a reference. */
interface LayerFitting {
  readonly network: Float32Array;
  readonly reference: Float32Array;
  readonly units: HiddenUnits;
  /** Which hidden layer, from 0. */
  readonly l: number;
}

/**
 * For each unit of a layer of the reference, which unit of the network fits it in the best
 * assignment.
 */
async function layerOrder(
  { network, reference, units, l }: LayerFitting,
  signal: AbortSignal | undefined,
): Promise<Int32Array> {
  const { count, width, coordinates } = unitCoordinates(units, l);
  const [ours, theirs] = [numbersAt(network, coordinates), numbersAt(reference, coordinates)];
  const cost = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    await yieldToEvents(signal);
    for (let b = 0; b < count; b++) {
      let sum = 0;
      for (let i = a * width, j = b * width, end = i + width; i < end; i++, j++) sum += (theirs[i]! - ours[j]!) ** 2;
      cost[a * count + b] = sum;
    }
  }
  return (await assignment(cost, count, signal)).columns;
}

/** The numbers of a network at some coordinates. */
function numbersAt(network: Float32Array, coordinates: Int32Array): Float32Array {
  const numbers = new Float32Array(coordinates.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = network[coordinates[i]!]!;
  return numbers;
}
