/**
 * The hidden units of a network: of linear layers and convolutions one after another, with or
 * without normalisation. A channel of a convolution is a unit. This file finds where the weights of
 * each unit lie in the flat vector, and puts units in another order, which does not change what the
 * network computes.
 */

import { isStatistic } from "../graph/index.ts";
import type { Layout, LayoutEntry } from "../layout/index.ts";
import { at, last } from "../lookup.ts";

/**
 * Where a layer lies in a flat vector: weights `[outputs, inputs, each]` and biases `[outputs]`.
 */
export interface LayerPlace {
  /** Number of units of the layer before; for the first layer, of all numbers that a unit sees. */
  readonly inputs: number;
  /**
   * Weights between two units: those of a kernel, or of all positions of a flattened channel, else
   * 1.
   */
  readonly each: number;
  readonly outputs: number;
  /** Offset of the weights. */
  readonly weight: number;
  /** Offset of the biases. */
  readonly bias: number;
  /** The normalisation between the layer and its activation, if there is one. */
  readonly norm?: NormPlace;
}

/** Where the weight and the bias of a normalisation lie, `[outputs, each]` numbers each. */
interface NormPlace {
  /** Numbers of a unit: 1, or one for each position of a channel. */
  readonly each: number;
  /**
   * Whether each unit is normalised by itself, as in instance normalisation, or all units of the
   * layer together.
   */
  readonly alone: boolean;
  /** Offset of the weight. */
  readonly weight: number;
  /** Offset of the bias. */
  readonly bias: number;
}

/**
 * The layers of a network, first to last. The outputs of all but the last are hidden units: unit u
 * of layer l has row u of that layer's weights, its bias, and column u of the next layer's weights.
 */
export type HiddenUnits = readonly [LayerPlace, LayerPlace, ...LayerPlace[]];

/** Number of parameters of a network, D. */
export function parametersOf(units: HiddenUnits): number {
  const last = units.at(-1) ?? units[0];
  return last.bias + last.outputs;
}

/** Finds the hidden units of a layout, or says which layer is not supported and why. */
export function hiddenUnits({ entries }: Layout): { readonly units: HiddenUnits } | { readonly problem: string } {
  const layers: LayerPlace[] = [];
  let flat = false;
  for (let i = 0; i < entries.length; ) {
    const [weight, bias] = entries.slice(i, i + 2) as [LayoutEntry, LayoutEntry | undefined];
    const named = `${weight.name} ${JSON.stringify(weight.shape)}`;
    const [outputs, channels] = weight.shape as [number, number];
    const linear = weight.kind === "linear" && weight.shape.length === 2;
    if (!linear && (weight.kind !== "conv" || flat))
      return { problem: `${named} is not the weight of a linear layer${flat ? "" : " or a convolution"}` };
    if (bias === undefined || `${bias.shape}` !== `${outputs}`)
      return { problem: `after ${named} comes no bias of ${outputs} numbers` };
    const before = layers.at(-1);
    const fanIn = weight.size / outputs;
    // A linear layer after a convolution takes its channels flattened, place by place.
    const inputs = before?.outputs ?? fanIn;
    if (before !== undefined && (linear && !flat ? channels % inputs !== 0 : channels !== inputs))
      return { problem: `${named} does not take the ${inputs} units of the layer before it` };
    flat = linear;
    i += 2;
    const place = { inputs, each: fanIn / inputs, outputs, weight: weight.offset, bias: bias.offset };
    const [scale, shift] = entries.slice(i, i + 2);
    if (scale?.kind !== "norm") {
      layers.push(place);
      continue;
    }
    i += 2;
    if (scale.shape[0] !== outputs || shift?.kind !== "norm" || `${shift.shape}` !== `${scale.shape}`)
      return { problem: `${scale.name} ${JSON.stringify(scale.shape)} does not scale and shift ${named}'s outputs` };
    const after = entries[i];
    if (after !== undefined && isStatistic(after.kind))
      return { problem: `${after.name} is a running statistic, which no scale of a unit leaves as it is` };
    const each = scale.size / outputs;
    const norm = { each, alone: !linear && each === 1, weight: scale.offset, bias: shift.offset };
    layers.push({ ...place, norm });
  }
  const [first, second, ...more] = layers;
  if (first === undefined || second === undefined) return { problem: "there is no hidden layer" };
  if (last(layers).norm !== undefined) return { problem: "the last layer's outputs are normalised" };
  return { units: [first, second, ...more] };
}

/** A range of coordinates of a flat vector. */
export type Range = readonly [start: number, end: number];

/** The weights into a unit of a layer. */
function incomingRange({ inputs, each, weight }: LayerPlace, u: number): Range {
  const size = inputs * each;
  return [weight + u * size, weight + (u + 1) * size];
}

/** The weight and the bias of a unit's normalisation; nothing where there is none. */
function normRanges({ norm }: LayerPlace, u: number): Range[] {
  if (norm === undefined) return [];
  return [norm.weight, norm.bias].map((offset) => [offset + u * norm.each, offset + (u + 1) * norm.each] as const);
}

/**
 * What scales a unit before its activation: its weights and bias, or its normalisation where there
 * is one, because a normalisation undoes the scale of its inputs.
 */
export const scaledRanges = (layer: LayerPlace, u: number): readonly Range[] =>
  layer.norm === undefined ? ownRanges(layer, u) : normRanges(layer, u);

/**
 * What makes a unit of the units before it: its bias, the weights into it, and its normalisation.
 */
export const ownRanges = (layer: LayerPlace, u: number): readonly Range[] => [
  [layer.bias + u, layer.bias + u + 1],
  incomingRange(layer, u),
  ...normRanges(layer, u),
];

/** The weights out of a unit in the next layer, one range for each output of that layer. */
export function outgoingRanges(next: LayerPlace, u: number): Range[] {
  const { inputs, each, outputs, weight } = next;
  return Array.from({ length: outputs }, (_, o) => {
    const start = weight + (o * inputs + u) * each;
    return [start, start + each] as const;
  });
}

/** Where all numbers of the units of a hidden layer lie. */
export interface UnitCoordinates {
  /** Number of units. */
  readonly count: number;
  /** Numbers of a unit: its own and the weights out of it. */
  readonly width: number;
  /** Coordinates in a network, `[count, width]`. */
  readonly coordinates: Int32Array;
}

/** By network and layer, because distances ask for the same ones for each pair of networks. */
const coordinatesOf = new WeakMap<HiddenUnits, UnitCoordinates[]>();

/** Where the numbers of the units of hidden layer `l` lie, unit after unit. */
export function unitCoordinates(units: HiddenUnits, l: number): UnitCoordinates {
  const known = coordinatesOf.get(units) ?? [];
  coordinatesOf.set(units, known);
  known[l] ??= findCoordinates(at(units, l), at(units, l + 1));
  return known[l];
}

function findCoordinates(layer: LayerPlace, next: LayerPlace): UnitCoordinates {
  const count = layer.outputs;
  const ranges = Array.from({ length: count }, (_, u) => [...ownRanges(layer, u), ...outgoingRanges(next, u)]).flat();
  const coordinates = Int32Array.from(
    ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)),
  );
  return { count, width: coordinates.length / count, coordinates };
}

/**
 * A network with its hidden units in another order, which computes the same.
 * @param network `[D]`.
 * @param orders for each hidden layer, which of its units comes first, second, …
 */
export function reorder(network: Float32Array, units: HiddenUnits, orders: readonly Int32Array[]): Float32Array {
  const result = network.slice();
  units.forEach((layer, l) => {
    const { inputs, each, outputs, weight, bias } = layer;
    const [rows, columns] = [orders[l], orders[l - 1]];
    for (let u = 0; u < outputs; u++) {
      const from = rows?.[u] ?? u;
      result[bias + u] = network[bias + from]!;
      const old = normRanges(layer, from);
      normRanges(layer, u).forEach(([to], i) => {
        const [start, end] = old[i] ?? [to, to];
        result.set(network.subarray(start, end), to);
      });
      const [to, start] = [u, from].map((unit) => weight + unit * inputs * each) as [number, number];
      if (columns === undefined) result.set(network.subarray(start, start + inputs * each), to);
      else
        for (let i = 0; i < inputs; i++) {
          const place = start + columns[i]! * each;
          for (let j = 0; j < each; j++) result[to + i * each + j] = network[place + j]!;
        }
    }
  });
  return result;
}
