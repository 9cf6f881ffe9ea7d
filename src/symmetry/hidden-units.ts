/**
 * The hidden units of a network of linear layers and convolutions one after another, normalised or not, channels among them: where
 * their weights stand in its flat vector, and what may be done to them without changing what a ReLU network computes, changing
 * their scale and their order.
 */
import type { Layout, LayoutEntry } from "../checkpoints/index.ts";

/** A layer in a flat vector: weights `[outputs, inputs, each]` and biases `[outputs]`. */
export interface LayerPlace {
  /** Units of the layer before; of the first layer all numbers that a unit sees. */
  readonly inputs: number;
  /** Weights between two units: those of a kernel, or of all places of a channel where it is flattened; else 1. */
  readonly each: number;
  readonly outputs: number;
  /** Offsets. */
  readonly weight: number;
  readonly bias: number;
  /** The normalisation of its outputs before their activation, where there is one. */
  readonly norm?: NormPlace;
}

/** What a normalisation multiplies by and adds: `[outputs, each]` numbers each. */
interface NormPlace {
  /** Numbers of a unit: 1, or one for each place of a channel. */
  readonly each: number;
  /** Whether each unit is normalised by itself, as channels are in instance normalisation, or all with one another. */
  readonly alone: boolean;
  /** Offsets. */
  readonly weight: number;
  readonly bias: number;
}

/**
 * The layers of a network, first to last. The outputs of all but the last are hidden units: unit u of layer l has row u of that
 * layer's weights, its bias, and column u of the next layer's weights.
 */
export type HiddenUnits = readonly [LayerPlace, LayerPlace, ...LayerPlace[]];

/** Parameters of a network. */
export const parametersOf = (units: HiddenUnits): number => units.at(-1)!.bias + units.at(-1)!.outputs;

/** The hidden units of a layout, or why it has none that are known: which layer, and what is wrong with it. */
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
    if (entries[i]?.kind === "statistic")
      return { problem: `${entries[i]!.name} is a running statistic, which no scale of a unit leaves as it is` };
    const each = scale.size / outputs;
    const norm = { each, alone: !linear && each === 1, weight: scale.offset, bias: shift.offset };
    layers.push({ ...place, norm });
  }
  const [first, second, ...more] = layers;
  if (first === undefined || second === undefined) return { problem: "there is no hidden layer" };
  if (layers.at(-1)!.norm !== undefined) return { problem: "the last layer's outputs are normalised" };
  return { units: [first, second, ...more] };
}

/** Sweeps over the layers until scales move by less than a few roundings; one is enough where there is one hidden layer. */
const MAX_SWEEPS = 500;
const SETTLED = 1e-6;

/**
 * A network whose hidden units are in balance: incoming weights and bias, or what a normalisation multiplies by and adds, as long
 * as outgoing weights. Between two hidden layers the scales of both meet in the same weights, so they are found in turns. A unit of
 * which one side is all zeros is dead either way and stays as it is.
 */
export function balanced(vector: Float32Array, units: HiddenUnits): Float32Array {
  const result = vector.slice();
  for (let sweep = 0, moved = Number.POSITIVE_INFINITY; sweep < MAX_SWEEPS && moved > SETTLED; sweep++) {
    moved = 0;
    for (let l = 0; l < units.length - 1; l++)
      for (let u = 0; u < units[l]!.outputs; u++)
        moved = Math.max(moved, balanceUnit(result, units[l]!, units[l + 1]!, u));
    if (units.length === 2) break;
  }
  return result;
}

/** How many hidden units of networks `[n, D]` have no weights into them, or none out of them. */
export function deadUnits(vectors: Float32Array, units: HiddenUnits): number {
  const d = parametersOf(units);
  let dead = 0;
  for (let at = 0; at < vectors.length; at += d)
    for (let l = 0; l < units.length - 1; l++)
      for (let u = 0; u < units[l]!.outputs; u++) {
        const { before, after } = sidesOf(vectors.subarray(at), units[l]!, units[l + 1]!, u);
        if (before === 0 || after === 0) dead++;
      }
  return dead;
}

/** Squared norms of what a unit's scale multiplies before its activation, and of what goes out of it. */
function sidesOf(vector: Float32Array, layer: LayerPlace, next: LayerPlace, u: number) {
  const squares = (ranges: readonly Range[]) => {
    let sum = 0;
    for (const [start, end] of ranges) for (let i = start; i < end; i++) sum += vector[i]! ** 2;
    return sum;
  };
  return { before: squares(scalable(layer, u)), after: squares(outgoing(next, u)) };
}

/** From where to where numbers stand in a vector. */
type Range = readonly [start: number, end: number];

/** From where to where the weights into a unit of a layer stand. */
function incoming({ inputs, each, weight }: LayerPlace, u: number): Range {
  const size = inputs * each;
  return [weight + u * size, weight + (u + 1) * size];
}

/** What a normalisation multiplies a unit by and adds to it; nothing where there is none. */
function normalising({ norm }: LayerPlace, u: number): Range[] {
  if (norm === undefined) return [];
  return [norm.weight, norm.bias].map((offset) => [offset + u * norm.each, offset + (u + 1) * norm.each] as const);
}

/** What a unit's scale multiplies before its activation: after a normalisation, which undoes the scale of what it is given, that. */
const scalable = (layer: LayerPlace, u: number): readonly Range[] =>
  layer.norm === undefined ? ownRanges(layer, u) : normalising(layer, u);

/** What makes a unit of those before it: its bias, the weights into it, and its normalisation. */
export const ownRanges = (layer: LayerPlace, u: number): readonly Range[] => [
  [layer.bias + u, layer.bias + u + 1],
  incoming(layer, u),
  ...normalising(layer, u),
];

/** From where to where the weights out of a unit stand in the next layer, one range for each of that layer's outputs. */
export function outgoing(next: LayerPlace, u: number): Range[] {
  const { inputs, each, outputs, weight } = next;
  return Array.from({ length: outputs }, (_, o) => {
    const start = weight + (o * inputs + u) * each;
    return [start, start + each] as const;
  });
}

/** Balances one unit in place. Returns by how much its scale changed: |ln scale|. */
function balanceUnit(vector: Float32Array, layer: LayerPlace, next: LayerPlace, u: number): number {
  const { before, after } = sidesOf(vector, layer, next, u);
  if (before === 0 || after === 0) return 0;
  const scale = (after / before) ** 0.25;
  for (const [start, end] of scalable(layer, u)) for (let i = start; i < end; i++) vector[i]! *= scale;
  for (const [start, end] of outgoing(next, u)) for (let i = start; i < end; i++) vector[i]! /= scale;
  return Math.abs(Math.log(scale));
}

/**
 * A network with its hidden units in another order, which computes the same.
 * @param orders for each hidden layer, which of its units comes first, second, …
 */
export function reordered(vector: Float32Array, units: HiddenUnits, orders: readonly Int32Array[]): Float32Array {
  const result = vector.slice();
  units.forEach((layer, l) => {
    const { inputs, each, outputs, weight, bias } = layer;
    const [rows, columns] = [orders[l], orders[l - 1]];
    for (let u = 0; u < outputs; u++) {
      const from = rows?.[u] ?? u;
      result[bias + u] = vector[bias + from]!;
      const there = normalising(layer, u);
      normalising(layer, from).forEach(([start, end], i) => {
        result.set(vector.subarray(start, end), there[i]![0]);
      });
      for (let i = 0; i < inputs; i++) {
        const start = weight + (from * inputs + (columns?.[i] ?? i)) * each;
        result.set(vector.subarray(start, start + each), weight + (u * inputs + i) * each);
      }
    }
  });
  return result;
}
