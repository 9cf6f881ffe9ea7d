/**
 * Weight matching (Ainsworth, Hayase and Srinivasa, "Git Re-Basin", 2023): the order of one network's hidden units in which
 * they fit those of another best.
 */
import { assignment } from "../numeric/index.ts";
import { type HiddenUnits, outgoing, ownRanges, reordered } from "./hidden-units.ts";

/** Rounds over the layers at most; a handful settles it. */
const MAX_ROUNDS = 100;

/**
 * The orders of a network's hidden units, layer by layer, that bring it nearest to another: of one hidden layer the best there
 * is, of several the best that changing one layer at a time finds.
 */
export function matchingOrders(vector: Float32Array, reference: Float32Array, units: HiddenUnits): Int32Array[] {
  const orders: Int32Array[] = units
    .slice(0, -1)
    .map(({ outputs }) => Int32Array.from({ length: outputs }, (_, u) => u));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let changed = false;
    for (let l = 0; l < orders.length; l++) {
      // Against the network with its other layers in order, so that its units' weights face those that they are compared with.
      const others = orders.map((order, k) => (k === l ? Int32Array.from(order.keys()) : order));
      const order = layerOrder(reordered(vector, units, others), reference, units, l);
      changed ||= order.some((from, u) => from !== orders[l]![u]);
      orders[l] = order;
    }
    if (!changed || orders.length === 1) break;
  }
  return orders;
}

/** For each of the reference's units in a layer, which of the network's fits it in the best assignment. */
function layerOrder(vector: Float32Array, reference: Float32Array, units: HiddenUnits, l: number): Int32Array {
  const [layer, next] = [units[l]!, units[l + 1]!];
  const count = layer.outputs;
  const places = Array.from({ length: count }, (_, u) => [...ownRanges(layer, u), ...outgoing(next, u)]);
  const cost = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      let sum = 0;
      places[a]!.forEach(([start, end], k) => {
        const shift = places[b]![k]![0] - start;
        for (let i = start; i < end; i++) sum += (reference[i]! - vector[i + shift]!) ** 2;
      });
      cost[a * count + b] = sum;
    }
  }
  return assignment(cost, count).columns;
}
