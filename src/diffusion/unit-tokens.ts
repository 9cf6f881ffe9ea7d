/**
 * Networks as tokens: one for each hidden unit, of the weights that belong to no other unit (from
 * the inputs, to the outputs), its bias, and the factor and shift of its normalisation; one of the
 * last layer's biases, which belong to no unit; and of two hidden layers each weight between them,
 * which belongs to two units, as an edge. Every parameter is in one token or edge.
 */

import { concat, reshape, split, type Tensor, transpose } from "../graph/index.ts";
import { at, last } from "../lookup.ts";
import type { HiddenUnits } from "../symmetry/index.ts";

/** Tokens of one form. */
export interface TokenGroup {
  readonly count: number;
  /** Numbers of a token. */
  readonly width: number;
}

/** The parts of a latent of tokens: those of each group one after another, then the edges. */
export interface TokenShape {
  /** The units of each hidden layer, and a last group of what belongs to no unit. */
  readonly groups: readonly TokenGroup[];
  /**
   * Between each hidden layer and the next: an edge for each unit of the next layer and each of the
   * first, in this order.
   */
  readonly edges: readonly TokenGroup[];
}

/** The tokens of a network. */
export function unitTokens(units: HiddenUnits): TokenShape {
  const final = last(units);
  const hidden = units.slice(0, -1);
  const layers = hidden.map(({ outputs }, l) => ({
    count: outputs,
    width: widthsOf(units, l).reduce((sum, width) => sum + width, 0),
  }));
  return {
    groups: [...layers, { count: 1, width: final.outputs }],
    edges: hidden.slice(1).map(({ inputs, each, outputs }) => ({ count: inputs * outputs, width: each })),
  };
}

/**
 * The widths of the parts of a token of hidden layer `l`: weights from the inputs, bias,
 * normalisation, weights to the outputs.
 */
function widthsOf(units: HiddenUnits, l: number): number[] {
  const { inputs, norm } = at(units, l);
  const final = last(units);
  return [
    ...(l === 0 ? [inputs] : []),
    1,
    ...(norm === undefined ? [] : [norm.each, norm.each]),
    ...(l === units.length - 2 ? [final.outputs * final.each] : []),
  ];
}

/** Groups and edges, in the order in which a latent holds them. */
export const partsOf = ({ groups, edges }: TokenShape): TokenGroup[] => [...groups, ...edges];

/** Numbers of all tokens and edges. */
export const sizeOfTokens = (tokens: TokenShape): number =>
  partsOf(tokens).reduce((sum, { count, width }) => sum + count * width, 0);

/**
 * A latent `[batch, size]` as one tensor for each group and each layer of edges,
 * `[batch, count, width]`.
 */
export function splitTokens(flat: Tensor, tokens: TokenShape): Tensor[] {
  const parts = partsOf(tokens);
  const sizes = parts.map(({ count, width }) => count * width);
  return split(flat, sizes, 1).map((part, i) =>
    reshape(part, [at(flat.shape, 0), at(parts, i).count, at(parts, i).width]),
  );
}

/** Undoes `splitTokens`. */
export const joinTokens = (parts: readonly Tensor[]): Tensor =>
  concat(
    parts.map((t) => reshape(t, [at(t.shape, 0), at(t.shape, 1) * at(t.shape, 2)])),
    1,
  );

/** Networks `[batch, D]` as latents `[batch, D]`. */
export function toTokens(v: Tensor, units: HiddenUnits): Tensor {
  const batch = at(v.shape, 0);
  const layers = splitLayers(v, units);
  const hidden = units.slice(0, -1);
  const final = last(units);
  const { weight, bias } = last(layers);
  const outgoing = transpose(reshape(weight, [batch, final.outputs, final.inputs, final.each]), [0, 2, 1, 3]);
  const tokens = hidden.map(({ outputs }, l) => {
    const own = at(layers, l);
    const parts = [
      ...(l === 0 ? [own.weight] : []),
      ...[own.bias, ...own.norm],
      ...(l === hidden.length - 1 ? [outgoing] : []),
    ];
    const widths = widthsOf(units, l);
    return concat(
      parts.map((part, i) => reshape(part, [batch, outputs, at(widths, i)])),
      2,
    );
  });
  const edges = hidden
    .slice(1)
    .map(({ inputs, each, outputs }, l) => reshape(at(layers, l + 1).weight, [batch, inputs * outputs, each]));
  return joinTokens([...tokens, reshape(bias, [batch, 1, final.outputs]), ...edges]);
}

/** What a layer consists of in a network's vector; of its normalisation two tensors or none. */
interface LayerParts {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly norm: readonly Tensor[];
}

/** Networks `[batch, D]` layer by layer, as their vectors hold them. */
function splitLayers(v: Tensor, units: HiddenUnits): LayerParts[] {
  const sizes = units.map(({ inputs, each, outputs, norm }) => {
    const size = outputs * (norm?.each ?? 0);
    return [inputs * each * outputs, outputs, ...(norm === undefined ? [] : [size, size])];
  });
  const parts = [...split(v, sizes.flat(), 1)];
  return sizes.map(({ length }) => {
    const [weight, bias, ...norm] = parts.splice(0, length) as [Tensor, Tensor, ...Tensor[]];
    return { weight, bias, norm };
  });
}

/** Undoes `toTokens`. */
export function fromTokens(flat: Tensor, units: HiddenUnits): Tensor {
  const batch = at(flat.shape, 0);
  const shape = unitTokens(units);
  const tokens = splitTokens(flat, shape);
  const hidden = units.slice(0, -1);
  const final = last(units);
  const flattened = (x: Tensor) => reshape(x, [batch, at(x.shape, 1) * at(x.shape, 2)]);
  const pieces = hidden.map((_, l) => split(at(tokens, l), widthsOf(units, l), 2));
  const layers = hidden.flatMap(({ norm }, l) => {
    const incoming = l === 0 ? [] : [at(tokens, shape.groups.length + l - 1)];
    return [...incoming, ...at(pieces, l)].slice(0, norm === undefined ? 2 : 4);
  });
  const outgoing = reshape(last(last(pieces)), [batch, final.inputs, final.outputs, final.each]);
  return concat(
    [
      ...layers.map(flattened),
      reshape(transpose(outgoing, [0, 2, 1, 3]), [batch, final.outputs * final.inputs * final.each]),
      flattened(at(tokens, hidden.length)),
    ],
    1,
  );
}
